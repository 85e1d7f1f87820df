/* Wires what does not know each other, and finds the verb. */
#include "base/clock.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "store/master.h"
#include "verbs/verbs.h"

#include <sodium.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    fc_clock_on_shift(fc_log_shifted_clock);
    if (sodium_init() < 0) {
        fputs(fc_say("无法初始化加密库\n", "the crypto library cannot be started\n"), stderr);
        return 1;
    }
    fc_heap_settle();
    fc_master_take_env();
    return fc_verb_main(argc, argv);
}
