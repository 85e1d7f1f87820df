/* Reading lines from a person: with editing and history where there is a terminal and Debian's libedit2,
 * plain else. */
#ifndef FC_VERBS_LINE_H
#define FC_VERBS_LINE_H

void fc_line_open(int edited); /* edited: a person sits there */
/* The next line without its end, to be freed; NULL at the end. */
char *fc_line_read(const char *prompt);
void fc_line_keep(const char *line); /* into the history, also for the next time */
#endif
