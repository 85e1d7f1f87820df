/* What the fuzz targets share: a promise that is broken ends the run, with the input kept by libFuzzer. */
#ifndef FC_FUZZ_H
#define FC_FUZZ_H
#include "base/err.h"
#include "text/utf8.h"
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define PROMISE(what)                                                                                        \
    do {                                                                                                     \
        if (what) break;                                                                                     \
        fprintf(stderr, "%s:%d: broken promise: %s\n", __FILE__, __LINE__, #what);                           \
        abort();                                                                                             \
    } while (0)

/* An error is a sentence in both languages, in UTF-8. */
static inline void check_sentence(const fc_err *err)
{
    for (int lang = 0; lang < 2; lang++) {
        size_t n = strlen(err->text[lang]);
        PROMISE(n > 5);
        PROMISE(fc_utf8_check(err->text[lang], n) == n);
    }
}
#endif
