/* For each candidate the first rows are split as the reader would split them. Its score is the share of rows
 * that have the commonest number of fields, squared (steadiness counts most), times the separators in such a
 * row. So one | in each address loses against fourteen commas, and a title row above the header or a ragged
 * footer does not matter. */
#include "text/table_delimiter.h"

#include <string.h>
#include <strings.h>

#define ROWS 60
#define MAX_FIELDS 4096

typedef struct rows {
    int fields[ROWS];
    int n;
} rows;

static void count_row(rows *found, int fields, size_t length)
{
    if (length && found->n < ROWS) found->fields[found->n++] = fields < MAX_FIELDS ? fields : MAX_FIELDS;
}

static void count_fields(const char *text, size_t n, char delimiter, int complete, rows *found)
{
    int quoted = 0, fields = 1;
    size_t row = 0, field = 0;
    found->n = 0;
    for (size_t i = 0; i < n && found->n < ROWS; i++) {
        char c = text[i];
        if (quoted || (c == '"' && i == field)) {
            quoted = quoted ? c != '"' : 1;
            if (!quoted && i + 1 < n && text[i + 1] == '"') field = ++i, quoted = 1;
        } else if (c == delimiter) {
            fields++;
            field = i + 1;
        } else if (c == '\n' || c == '\r') {
            count_row(found, fields, i - row);
            row = field = i + 1;
            fields = 1;
        }
    }
    if (complete || found->n == 0) count_row(found, fields, n - row);
}

static double score(const rows *found)
{
    int best = 0, best_fields = 1;
    for (int i = 0; i < found->n; i++) {
        int same = 0;
        if (found->fields[i] < 2) continue;
        for (int j = 0; j < found->n; j++)
            same += found->fields[j] == found->fields[i];
        if (same > best || (same == best && found->fields[i] > best_fields)) {
            best = same;
            best_fields = found->fields[i];
        }
    }
    double share = found->n ? (double)best / found->n : 0;
    return share * share * (best_fields - 1);
}

char fc_delimiter_guess(const char *text, size_t n, int complete)
{
    static const char candidates[] = ",\t;|";
    double best = 0;
    char delimiter = ',';
    for (const char *c = candidates; *c; c++) {
        rows found;
        count_fields(text, n, *c, complete, &found);
        double s = score(&found);
        if (s > best) {
            best = s;
            delimiter = *c;
        }
    }
    return delimiter;
}

size_t fc_delimiter_hint(const char *text, size_t n, char *delimiter)
{
    if (n < 6 || strncasecmp(text, "sep=", 4) != 0) return 0;
    if (!strchr(",;|\t", text[4]) || (text[5] != '\r' && text[5] != '\n')) return 0;
    *delimiter = text[4];
    return text[5] == '\r' && n > 6 && text[6] == '\n' ? 7 : 6;
}
