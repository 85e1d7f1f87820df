/* For the two walks that are taken a hundred thousand times a second, into a plugin and to a row: FC_OFTEN
 * takes in all the small functions on its way, also those of other files (the host is linked so), and
 * FC_SELDOM is what it must not take in. */
#ifndef FC_BASE_OFTEN_H
#define FC_BASE_OFTEN_H

#define FC_OFTEN __attribute__((flatten))
#define FC_SELDOM __attribute__((noinline, cold))

#endif
