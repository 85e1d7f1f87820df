/* Outgoing mail through an SMTP server (libcurl, opened at first use). The caller owns queueing and retry;
 * this sends one message. fc_mail_send blocks: call it in the pool. Subject RFC 2047, body UTF-8 base64,
 * Date, Message-ID. */
#ifndef FC_NET_MAIL_H
#define FC_NET_MAIL_H
#include "base/buf.h"
#include "base/err.h"
#include <stdint.h>

typedef struct fc_mail_server {
    const char *url;  /* "smtp://host:25", "smtps://host:465", or "dir:/path": each message becomes a file
                         there (tests, demonstrations) */
    const char *from; /* "Forecourt <crm@dealer.example>" */
    const char *user, *password; /* may be NULL */
} fc_mail_server;

typedef struct fc_mail {
    const char *to, *subject,
        *body;      /* `to`: one address or several with commas; CR/LF in to or subject: FC_EINVAL */
    const char *id; /* becomes Message-ID <id@host>: the same id twice is recognisable */
    int64_t at;
} fc_mail;

void fc_mail_compose(const fc_mail_server *s, const fc_mail *m, fc_buf *out);
int fc_mail_send(const fc_mail_server *s, const fc_mail *m, fc_err *err);
#endif
