/* Finds the verb. */
#include "base/err.h"
#include "store/master.h"
#include "verbs/verbs.h"

#include <locale.h>
#include <sodium.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    if (sodium_init() < 0) {
        fputs(fc_say("无法初始化加密库\n", "the crypto library cannot be started\n"), stderr);
        return 1;
    }
    fc_master_take_env();
    return fc_verb_main(argc, argv);
}
