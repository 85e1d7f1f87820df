#include "base/log.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum fc_level least_level = FC_INFO;
static void (*listener)(void *, enum fc_level, const char *, const char *);
static void *listener_ctx;

void fc_log_level(enum fc_level least)
{
    least_level = least;
}

void fc_log_listen(void (*fn)(void *, enum fc_level, const char *, const char *), void *ctx)
{
    listener = fn;
    listener_ctx = ctx;
}

static void mask_mobiles(char *text)
{
    for (char *p = text; *p;) {
        if (!isdigit((unsigned char)*p)) {
            p++;
            continue;
        }
        size_t run = strspn(p, "0123456789");
        char *mobile = run == 11 ? p : run == 13 && strncmp(p, "86", 2) == 0 ? p + 2 : NULL;
        if (mobile && mobile[0] == '1' && mobile[1] >= '3') memset(mobile + 3, '*', 4);
        p += run;
    }
}

static void one_line(const char *text, fc_buf *out)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (*p < 0x20 || *p == 0x7F)
            fc_buf_addf(out, *p == '\n' ? "\\n" : "\\x%02x", *p);
        else
            fc_buf_addc(out, (char)*p);
    }
}

void fc_log(enum fc_level level, const char *area, const char *format, ...)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    if (level > FC_ERROR) level = FC_ERROR;
    if (level < least_level) return;
    va_list args;
    va_start(args, format);
    char *raw = NULL;
    int n = vasprintf(&raw, format, args);
    va_end(args);
    if (n < 0) return;
    mask_mobiles(raw);
    fc_buf line = {0};
    fc_civil c;
    fc_civil_of(fc_now(), &c);
    fc_buf_addf(&line, "%04d-%02d-%02dT%02d:%02d:%02d+08:00 %s %s: ", c.year, c.month, c.day, c.hour,
                c.minute, c.second, names[level], area);
    size_t text_at = line.len;
    one_line(raw, &line);
    if (listener) listener(listener_ctx, level, area, line.data + text_at);
    fc_buf_addc(&line, '\n');
    fwrite(line.data, 1, line.len, stderr);
    fc_buf_free(&line);
    free(raw);
}

void fc_log_shifted_clock(const char *text, int shifted)
{
    if (shifted)
        fc_log(FC_WARN, "clock",
               fc_say("FORECOURT_NOW=%s：这个进程用的不是真实时间",
                      "FORECOURT_NOW=%s: this process does not use the real time"),
               text);
    else
        fc_log(FC_WARN, "clock",
               fc_say("FORECOURT_NOW 不是 YYYY-MM-DDTHH:MM:SS，不起作用",
                      "FORECOURT_NOW is not YYYY-MM-DDTHH:MM:SS and is ignored"));
}
