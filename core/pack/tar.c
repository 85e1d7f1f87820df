#include "pack/tar.h"

#include <stdio.h>
#include <string.h>

#define NAME 100 /* offsets and lengths of the fields */
#define SIZE_AT 124
#define SUM_AT 148
#define TYPE_AT 156
#define MAGIC_AT 257
#define PREFIX_AT 345
#define PREFIX 155

static const unsigned char zeros[FC_TAR_BLOCK];

static unsigned sum_of(const unsigned char *h)
{
    unsigned sum = 0;
    for (int i = 0; i < FC_TAR_BLOCK; i++)
        sum += i >= SUM_AT && i < SUM_AT + 8 ? ' ' : h[i];
    return sum;
}

/* A long path is cut at its last '/': that leaves at most 99 bytes behind and 150 before it. */
static void put_path(const char *path, unsigned char *h)
{
    const char *slash = strrchr(path, '/');
    if (strlen(path) <= NAME || !slash) {
        memcpy(h, path, strnlen(path, NAME));
        return;
    }
    memcpy(h + PREFIX_AT, path, (size_t)(slash - path));
    memcpy(h, slash + 1, strlen(slash + 1));
}

static void octal(unsigned char *at, int digits, unsigned long long v)
{
    char text[32];
    snprintf(text, sizeof text, "%0*llo", digits, v);
    memcpy(at, text, (size_t)digits);
}

void fc_tar_header(const char *path, int64_t size, unsigned char out[FC_TAR_BLOCK])
{
    memset(out, 0, FC_TAR_BLOCK);
    put_path(path, out);
    octal(out + 100, 7, 0644);
    octal(out + 108, 7, 0);
    octal(out + 116, 7, 0);
    octal(out + SIZE_AT, 11, (unsigned long long)size);
    octal(out + 136, 11, 0);
    out[TYPE_AT] = '0';
    memcpy(out + MAGIC_AT, "ustar\00000", 8);
    octal(out + 329, 7, 0);
    octal(out + 337, 7, 0);
    octal(out + SUM_AT, 6, sum_of(out));
    out[SUM_AT + 7] = ' ';
}

int64_t fc_tar_padding(int64_t size)
{
    return (FC_TAR_BLOCK - size % FC_TAR_BLOCK) % FC_TAR_BLOCK;
}

void fc_tar_file(const char *path, const void *bytes, size_t n, fc_buf *out)
{
    unsigned char header[FC_TAR_BLOCK];
    fc_tar_header(path, (int64_t)n, header);
    fc_buf_add(out, header, sizeof header);
    fc_buf_add(out, bytes, n);
    fc_buf_add(out, zeros, (size_t)fc_tar_padding((int64_t)n));
}

void fc_tar_end(fc_buf *out)
{
    fc_buf_add(out, zeros, sizeof zeros);
    fc_buf_add(out, zeros, sizeof zeros);
}

static int64_t read_octal(const unsigned char *at, int digits)
{
    int64_t v = 0;
    int i = 0;
    for (; i < digits && at[i] >= '0' && at[i] <= '7'; i++)
        v = v * 8 + (at[i] - '0');
    return i && (i == digits || at[i] == 0 || at[i] == ' ') ? v : -1;
}

void fc_tar_look(const unsigned char h[FC_TAR_BLOCK], fc_tar_entry *out)
{
    int prefix = (int)strnlen((const char *)h + PREFIX_AT, PREFIX),
        name = (int)strnlen((const char *)h, NAME);
    snprintf(out->path, sizeof out->path, "%.*s%s%.*s", prefix, (const char *)h + PREFIX_AT,
             prefix ? "/" : "", name, (const char *)h);
    out->type = h[TYPE_AT] ? (char)h[TYPE_AT] : '0';
    out->size = read_octal(h + SIZE_AT, 11);
    out->empty = memcmp(h, zeros, FC_TAR_BLOCK) == 0;
    out->intact = memcmp(h + MAGIC_AT, "ustar", 5) == 0 && read_octal(h + SUM_AT, 7) == (int64_t)sum_of(h);
}
