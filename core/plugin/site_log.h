/* A site's own log: what goes to stderr also goes to data/forecourt.log, so that `forecourt tail` can follow
 * a running site and an IT man finds yesterday's error. Every process that opens the site appends whole
 * lines; at 8 MiB the file becomes forecourt.log.1 and a new one is begun. A log that cannot be written stops
 * nothing. */
#ifndef FC_PLUGIN_SITE_LOG_H
#define FC_PLUGIN_SITE_LOG_H

#define FC_SITE_LOG "data/forecourt.log"

void fc_site_log_open(const char *dir); /* of the site; replaces the one before */
void fc_site_log_close(void);
#endif
