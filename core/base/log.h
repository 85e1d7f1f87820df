/* The log: one line per event on stderr, "2026-11-21T09:00:00+08:00 warn area: text".
 *
 * No secret and no phone may reach a log. The writer itself masks every run of 11 digits that looks like a
 * Chinese mobile number (138****8000), because the text may come from a plugin; everything else is the
 * caller's duty. Control characters are shown as \xNN so that one event stays one line. */
#ifndef FC_BASE_LOG_H
#define FC_BASE_LOG_H

enum fc_level { FC_DEBUG, FC_INFO, FC_WARN, FC_ERROR, FC_SILENT };

void fc_log(enum fc_level level, const char *area, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void fc_log_level(enum fc_level least);
/* Also hands each line (without newline) to fn, e.g. for a console page. One listener; NULL takes it away. */
void fc_log_listen(void (*fn)(void *ctx, enum fc_level level, const char *area, const char *text), void *ctx);
/* The warning that time is not the real one, for fc_clock_on_shift. */
void fc_log_shifted_clock(const char *text, int shifted);
#endif
