#include "pack/name.h"

#include <ctype.h>
#include <string.h>

#define LONGEST_PART 99

void fc_pack_show(const char *bytes, size_t n, char *out, size_t cap)
{
    size_t k = 0;
    for (size_t i = 0; i < n && k + 1 < cap; i++)
        out[k++] = bytes[i] >= 0x20 && bytes[i] < 0x7F ? bytes[i] : '?';
    out[k] = 0;
}

static int is_plain(unsigned char c)
{
    return c < 0x80 && (isalnum(c) || strchr("._-+@", c));
}

static int refuse(fc_err *err, const char *shown, const char *zh, const char *en)
{
    return fc_fail(err, FC_EINVAL, "文件名 '%s' %s%.0s", "the file name '%s' %.0s%s", shown, zh, en);
}

static int check_part(const char *part, size_t n, const char *shown, fc_err *err)
{
    if (n == 0) return refuse(err, shown, "有空的一段", "has an empty part");
    if (n == 2 && memcmp(part, "..", 2) == 0)
        return refuse(err, shown, "指向包的外面（..）", "leads out of the pack (..)");
    if (*part == '.') return refuse(err, shown, "有以点开头的部分", "has a part that begins with a dot");
    if (part[n - 1] == '.') return refuse(err, shown, "有以点结尾的部分", "has a part that ends with a dot");
    if (n > LONGEST_PART)
        return refuse(err, shown, "有超过 99 个字符的部分", "has a part longer than 99 characters");
    return FC_OK;
}

static int check_bytes(const char *path, size_t n, const char *shown, fc_err *err)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)path[i];
        if (c < 0x20 || c == 0x7F)
            return refuse(err, shown, "含有控制字符（如 NUL 或换行）",
                          "holds a control character (like NUL or a new line)");
        if (c == '\\') return refuse(err, shown, "含有反斜杠", "holds a backslash");
        if (c != '/' && !is_plain(c))
            return refuse(err, shown, "只能由英文字母、数字和 . _ - + @ 组成",
                          "may hold only letters and digits of ASCII and . _ - + @");
    }
    return FC_OK;
}

int fc_pack_path_check(const char *path, size_t n, fc_err *err)
{
    char shown[80];
    fc_pack_show(path, n, shown, sizeof shown);
    if (n == 0 || n > FC_PACK_PATH)
        return refuse(err, shown, "应有 1 至 150 个字符", "should have 1 to 150 characters");
    if (*path == '/') return refuse(err, shown, "是绝对路径", "is an absolute path");
    int rc = check_bytes(path, n, shown, err);
    for (size_t i = 0; !rc && i <= n;) {
        const char *slash = memchr(path + i, '/', n - i);
        size_t part = slash ? (size_t)(slash - path) - i : n - i;
        rc = check_part(path + i, part, shown, err);
        i += part + 1;
    }
    return rc;
}

int fc_pack_id_ok(const char *id)
{
    return id && *id && strlen(id) <= FC_PACK_ID && *id != '-' &&
           strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(id);
}

int fc_pack_in_namespace(const char *id, const char *space)
{
    size_t n = strlen(space);
    return n && strncmp(id, space, n) == 0 && (id[n] == 0 || id[n] == '-');
}
