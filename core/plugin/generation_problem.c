/* What is wrong while a generation is built. */
#include "plugin/generation_internal.h"
#include "plugin/problem.h"

#include <stdio.h>
#include <string.h>

void fc_building_bad(fc_building *b, const char *at, const char *zh, const char *en)
{
    fc_problem(b->problems, b->g->source->id, at, zh, en);
    b->bad = 1;
}

void fc_building_fault(fc_building *b, const char *file, const fc_fault *f)
{
    char place[512], zh[FC_ERR_TEXT + 256], en[FC_ERR_TEXT + 256];
    snprintf(place, sizeof place, "%s/%s", b->g->source->label, file);
    if (f->code == FC_ELIMIT && !f->place[0] && !f->here[0]) { /* it is no line's: the file as a whole */
        snprintf(zh, sizeof zh, "加载 %s 时：%s", file, f->zh);
        snprintf(en, sizeof en, "while %s loads: %s", file, f->en);
        fc_building_bad(b, b->g->source->label, zh, en);
        return;
    }
    fc_building_bad(b,
                    f->place[0]                                       ? f->place
                    : f->here[0] && strncmp(f->here, "host/", 5) != 0 ? f->here
                                                                      : place,
                    f->zh, f->en);
}
