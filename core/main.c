/* Wires what does not know each other, and finds the verb. */
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "store/master.h"
#include "verbs/verbs.h"

#include <malloc.h>
#include <sodium.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    fc_clock_on_shift(fc_log_shifted_clock);
    if (sodium_init() < 0) {
        fputs(fc_say("无法初始化加密库\n", "the crypto library cannot be started\n"), stderr);
        return 1;
    }
    /* Loading plugins frees many small things between large ones; to merge the former for each of the latter
     * takes a tenth of a start. */
    mallopt(M_MXFAST, 0);
    fc_master_take_env();
    return fc_verb_main(argc, argv);
}
