/* What the two halves of mail share. Nobody outside core/net includes this. */
#ifndef FC_NET_MAIL_INTERNAL_H
#define FC_NET_MAIL_INTERNAL_H
#include "net/mail.h"
#include <stddef.h>

/* "Name <a@b>" or "a@b", taken apart: points into the text. */
struct mail_address {
    const char *name;
    size_t name_len;
    const char *address;
    size_t address_len;
};
void mail_address(const char *text, size_t n, struct mail_address *out);
#endif
