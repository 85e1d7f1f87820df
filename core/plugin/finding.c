#include "plugin/finding.h"
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void fc_find(fc_findings *f, enum fc_mark mark, const char *check, const char *place, const char *zh,
             const char *en, ...)
{
    const char *formats[2] = {zh, en};
    if (f->n == f->cap) {
        f->cap = f->cap ? f->cap * 2 : 32;
        f->list = fc_realloc(f->list, f->cap * sizeof *f->list);
    }
    fc_finding *one = &f->list[f->n++];
    *one = (fc_finding){.mark = mark, .check = check};
    snprintf(one->place, sizeof one->place, "%s", place ? place : "");
    for (int lang = 0; lang < 2; lang++) {
        char text[FC_ERR_TEXT];
        va_list args;
        va_start(args, en);
        vsnprintf(text, sizeof text, formats[lang], args);
        va_end(args);
        fc_err cut;
        fc_fail_text(&cut, FC_OK, text); /* on a character's border */
        snprintf(one->text.text[lang], FC_ERR_TEXT, "%s", cut.text[lang]);
    }
    f->bad += mark == FC_BAD;
}

void fc_findings_free(fc_findings *f)
{
    free(f->list);
    *f = (fc_findings){0};
}
