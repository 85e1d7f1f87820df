/* Which addresses the open network has, and which are the house's own, the machine's own or nobody's. */
#ifndef FC_NET_ADDRESS_H
#define FC_NET_ADDRESS_H
#include <stdbool.h>
#include <sys/socket.h>

/* IPv4 and IPv6. Anything in doubt, another family too, is not public: private, loopback, link-local (so the
 * metadata of clouds), shared, multicast, reserved; and of IPv6 what stands for an address of IPv4. */
bool fc_address_public(const struct sockaddr *address);
#endif
