/* scandir and not glob: the folder's own name is no pattern. */
#include "base/folder.h"
#include "base/buf.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int ends_so(const char *name, const char *ending)
{
    size_t n = strlen(name), end = strlen(ending);
    return name[0] != '.' && n > end && strcmp(name + n - end, ending) == 0;
}

int fc_names_read(const char *dir, const char *ending, fc_names *out)
{
    struct dirent **all;
    *out = (fc_names){0};
    int n = scandir(dir, &all, NULL, alphasort);
    if (n < 0) return errno;
    out->names = fc_alloc(((size_t)n + 1) * sizeof *out->names);
    for (int i = 0; i < n; i++) {
        if (ends_so(all[i]->d_name, ending)) out->names[out->n++] = fc_strdup(all[i]->d_name);
        free(all[i]);
    }
    free(all);
    return 0;
}

void fc_names_free(fc_names *n)
{
    for (size_t i = 0; i < n->n; i++)
        free(n->names[i]);
    free(n->names);
}
