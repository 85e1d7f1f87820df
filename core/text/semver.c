/* A comparator becomes a half-open interval [low, high) at once, so that nothing but the comparison of two
 * versions decides. */
#include "text/semver.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define LARGEST 999999999
#define OPEN_END INT64_MAX

/* A version of which the end may be missing or "x". */
typedef struct partial {
    fc_semver v;
    int parts; /* 0 to 3 */
} partial;

static const char *number(const char *s, int64_t *out)
{
    const char *begin = s;
    for (*out = 0; isdigit((unsigned char)*s) && *out <= LARGEST; s++)
        *out = *out * 10 + (*s - '0');
    if (s == begin || *out > LARGEST || (*begin == '0' && s - begin > 1)) return NULL;
    return s;
}

static int is_name(char c)
{
    return isalnum((unsigned char)c) || c == '-';
}

/* Dotted names; numbers among them without a leading zero. */
static const char *names(const char *s, int numbers)
{
    do {
        const char *begin = s;
        int digits = 1;
        for (; is_name(*s); s++)
            digits &= isdigit((unsigned char)*s) != 0;
        if (s == begin || (numbers && digits && *begin == '0' && s - begin > 1)) return NULL;
    } while (*s == '.' && s++);
    return s;
}

static const char *tail(const char *s, fc_semver *v)
{
    if (*s == '-') {
        const char *end = names(s + 1, 1);
        if (!end || end - s - 1 >= FC_SEMVER_PRE) return NULL;
        snprintf(v->pre, sizeof v->pre, "%.*s", (int)(end - s - 1), s + 1);
        s = end;
    }
    return *s == '+' ? names(s + 1, 0) : s;
}

static int is_any(const char *s)
{
    return (*s == 'x' || *s == 'X' || *s == '*') && !is_name(s[1]);
}

static const char *read_partial(const char *s, partial *p)
{
    int64_t *part[] = {&p->v.major, &p->v.minor, &p->v.patch};
    int any = 0;
    *p = (partial){.parts = 0};
    for (int i = 0; i < 3; i++) {
        any |= is_any(s);
        if (is_any(s))
            s++;
        else if (any || !(s = number(s, part[i])))
            return NULL;
        else
            p->parts++;
        if (i == 2 || *s != '.') break;
        s++;
    }
    return p->parts == 3 ? tail(s, &p->v) : s;
}

/* What stands in a sentence: the text comes from anywhere. */
static void show(const char *text, char out[81])
{
    size_t n = 0;
    for (; text && *text && n < 80; text++)
        out[n++] = *text >= 0x20 && *text < 0x7F ? *text : '?';
    out[n] = 0;
}

int fc_semver_parse(const char *text, fc_semver *out, fc_err *err)
{
    partial p;
    char shown[81];
    const char *end = text ? read_partial(text, &p) : NULL;
    show(text, shown);
    if (!end || *end || p.parts != 3)
        return fc_fail(err, FC_EINVAL, "'%s' 不是版本号：应为 主.次.修订，如 1.2.0 或 1.2.0-rc.1",
                       "'%s' is no version: it should be MAJOR.MINOR.PATCH, like 1.2.0 or 1.2.0-rc.1", shown);
    *out = p.v;
    return FC_OK;
}

/* Numbers before words, numbers by value, a longer list after its own beginning. */
static int compare_names(const char *a, const char *b)
{
    for (;;) {
        size_t n = strcspn(a, "."), m = strcspn(b, ".");
        int na = strspn(a, "0123456789") >= n, nb = strspn(b, "0123456789") >= m;
        if (na != nb) return na ? -1 : 1;
        if (na && n != m) return n < m ? -1 : 1;
        int c = strncmp(a, b, n < m ? n : m);
        if (c) return c;
        if (n != m) return n < m ? -1 : 1;
        if (!a[n] || !b[m]) return (a[n] != 0) - (b[m] != 0);
        a += n + 1;
        b += m + 1;
    }
}

int fc_semver_compare(const fc_semver *a, const fc_semver *b)
{
    if (a->major != b->major) return a->major < b->major ? -1 : 1;
    if (a->minor != b->minor) return a->minor < b->minor ? -1 : 1;
    if (a->patch != b->patch) return a->patch < b->patch ? -1 : 1;
    if (!*a->pre || !*b->pre) return (*a->pre == 0) - (*b->pre == 0);
    return compare_names(a->pre, b->pre);
}

typedef struct interval {
    fc_semver low, high; /* low <= v < high; high.major OPEN_END: no end */
    int above, through;  /* low itself is out; high itself is in */
    const partial *named;
} interval;

static fc_semver bump(const partial *p, int part)
{
    fc_semver v = {p->v.major, p->v.minor, p->v.patch, ""};
    if (part == 0) return (fc_semver){.major = OPEN_END};
    if (part == 1) return (fc_semver){.major = v.major + 1};
    if (part == 2) return (fc_semver){.major = v.major, .minor = v.minor + 1};
    v.patch++;
    return v;
}

/* The part that ^ keeps: the first that is not zero, among those that are given. */
static int caret_part(const partial *p)
{
    if (p->parts < 2 || p->v.major > 0) return p->parts ? 1 : 0;
    if (p->parts < 3 || p->v.minor > 0) return 2;
    return 3;
}

static const char *const operators[] = {"^", "~", ">=", "<=", ">", "<", "=", "", NULL};

static const char *read_comparator(const char *s, interval *out, partial *p)
{
    int op = 0;
    while (strncmp(s, operators[op], strlen(operators[op])) != 0)
        op++;
    s += strlen(operators[op]);
    while (*s == ' ')
        s++;
    s = read_partial(s, p);
    if (!s) return NULL;
    *out = (interval){.low = p->v, .high = {.major = OPEN_END}, .named = p};
    switch (op) {
    case 0:
        out->high = bump(p, caret_part(p));
        break;
    case 1:
        out->high = bump(p, p->parts > 2 ? 2 : p->parts);
        break;
    case 2:
        break;
    case 3:
        out->low = (fc_semver){0};
        out->high = p->parts == 3 ? p->v : bump(p, p->parts);
        out->through = p->parts == 3;
        break;
    case 4:
        if (p->parts < 3) out->low = bump(p, p->parts);
        out->above = p->parts == 3;
        break;
    case 5:
        out->low = (fc_semver){0};
        out->high = p->v;
        break;
    default:
        out->high = p->parts == 3 ? p->v : bump(p, p->parts);
        out->through = p->parts == 3;
    }
    return s;
}

static int inside(const interval *i, const fc_semver *v)
{
    int low = fc_semver_compare(v, &i->low), high = fc_semver_compare(v, &i->high);
    /* ^1.2.0 ends before 2.0.0-rc.1, too */
    return (low > 0 || (low == 0 && !i->above)) && (high < 0 || (high == 0 && i->through));
}

static int same_release(const fc_semver *a, const fc_semver *b)
{
    return a->major == b->major && a->minor == b->minor && a->patch == b->patch;
}

static const char *blanks(const char *s)
{
    return s + strspn(s, " ,\t");
}

/* One set up to "||" or the end; *holds says whether v is in it. NULL: not a range. v may be NULL. */
static const char *read_set(const char *s, const fc_semver *v, int *holds)
{
    int all = 1, welcome = !v || !*v->pre, n = 0;
    for (s = blanks(s); *s && strncmp(s, "||", 2) != 0; s = blanks(s), n++) {
        interval i;
        partial p;
        s = read_comparator(s, &i, &p);
        if (!s || (*s && !strchr(" ,\t|<>=^~", *s))) return NULL;
        if (!v) continue;
        all &= inside(&i, v);
        welcome |= *p.v.pre && same_release(&p.v, v);
    }
    *holds = n > 0 && all && welcome;
    return n > 0 ? s : NULL;
}

static int read_range(const char *s, const fc_semver *v, int *holds)
{
    *holds = 0;
    do {
        int one = 0;
        s = read_set(s, v, &one);
        if (!s) return 0;
        *holds |= one;
    } while (*s && (s += 2));
    return 1;
}

int fc_semver_range(const char *range, fc_err *err)
{
    int holds;
    char shown[81];
    if (range && strlen(range) <= 256 && read_range(range, NULL, &holds)) return FC_OK;
    show(range, shown);
    return fc_fail(err, FC_EINVAL, "'%s' 不是版本范围：可以写 ^1.2、~1.2.3、>=1.0 <2、1.x、*，用 || 表示或者",
                   "'%s' is no range of versions: write ^1.2, ~1.2.3, >=1.0 <2, 1.x or *, with || for or",
                   shown);
}

int fc_semver_satisfies(const fc_semver *v, const char *range)
{
    int holds;
    return range && strlen(range) <= 256 && read_range(range, v, &holds) && holds;
}
