/* What supervisor and workers share. Nobody outside core/loop includes this. */
#ifndef FC_LOOP_BOARD_H
#define FC_LOOP_BOARD_H
#include "loop/supervise.h"

struct fc_board {
    _Atomic int workers; /* that take HTTP; 0: not known yet */
    _Atomic int port;
    int up; /* eventfd of the supervisor: somebody's stage changed */
    int bells[FC_SLOTS];
    fc_heart hearts[FC_SLOTS];
};

fc_board *fc_board_new(fc_err *err);
void fc_board_free(fc_board *b);
/* In a worker that was just forked: this place is ours. */
void fc_board_mine(fc_board *b, int slot);
#endif
