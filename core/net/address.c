#include "net/address.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct range {
    uint32_t from;
    int bits;
} range;

static bool within(uint32_t a, const range *r)
{
    return (a ^ r->from) >> (32 - r->bits) == 0;
}

/* RFC 6890 and what was registered since. */
static bool public4(uint32_t a)
{
    static const range closed[] = {
        {0x00000000, 8},  {0x0A000000, 8},  {0x64400000, 10}, {0x7F000000, 8},  {0xA9FE0000, 16},
        {0xAC100000, 12}, {0xC0000000, 24}, {0xC0000200, 24}, {0xC0586300, 24}, {0xC0A80000, 16},
        {0xC6120000, 15}, {0xC6336400, 24}, {0xCB007100, 24}, {0xE0000000, 3},
    };
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++)
        if (within(a, &closed[i])) return false;
    return true;
}

/* Only 2000::/3 is given out. Of it: 2001::/23 (Teredo and other protocols), 2001:db8::/32 and 3fff::/20
 * (documentation), 2002::/16 (6to4: an address of IPv4). */
static bool public6(const uint8_t *a)
{
    static const range closed[] = {{0x20010000, 23}, {0x20010DB8, 32}, {0x20020000, 16}, {0x3FFF0000, 20}};
    uint32_t head = (uint32_t)a[0] << 24 | (uint32_t)a[1] << 16 | (uint32_t)a[2] << 8 | a[3];
    if (head >> 29 != 1) return false;
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++)
        if (within(head, &closed[i])) return false;
    return true;
}

bool fc_address_public(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        return public4(ntohl(in.sin_addr.s_addr));
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, address, sizeof in);
        return public6(in.sin6_addr.s6_addr);
    }
    return false;
}
