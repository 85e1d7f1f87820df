/* An archive that is not as ours is refused in any case; here only the sentence is found. */
#include "pack/archive_internal.h"

#include <string.h>
#include <strings.h>

int fc_archive_cut(const char *path, fc_err *err)
{
    return fc_fail(err, FC_EINVAL, "文件不完整，在 %s 处断了：请重新取得",
                   "the file is incomplete, it breaks off at %s: fetch it again", path);
}

int fc_archive_kind(const char *data, size_t n, fc_err *err)
{
    static const struct {
        const char *magic;
        size_t n;
    } packed[] = {{"\x1F\x8B", 2},
                  {"\x28\xB5\x2F\xFD", 4},
                  {"\xFD"
                   "7zXZ",
                   5},
                  {"BZh", 3},
                  {"PK\3\4", 4}};
    for (size_t i = 0; i < sizeof packed / sizeof *packed; i++)
        if (n >= packed[i].n && memcmp(data, packed[i].magic, packed[i].n) == 0)
            return fc_fail(
                err, FC_EINVAL, "是压缩文件：插件包不压缩，请先解压，或向发布者要 .pack 文件",
                "is compressed: packs are not, unpack it first or ask the publisher for the .pack file");
    fc_tar_entry e;
    if (n >= FC_TAR_BLOCK) fc_tar_look((const unsigned char *)data, &e);
    if (n < FC_TAR_BLOCK || (memcmp(data + 257, "ustar", 5) != 0 && strcmp(e.path, "INDEX") != 0))
        return fc_fail(err, FC_EINVAL, "不是插件包（.pack 文件由 forecourt pack build 制作）",
                       "is no pack (forecourt pack build makes .pack files)");
    return FC_OK;
}

static int refuse_type(const fc_tar_entry *e, const char *shown, fc_err *err)
{
    switch (e->type) {
    case '0':
        return FC_OK;
    case '1':
        return fc_fail(err, FC_EDENIED, "%s 是硬链接：包里只能有普通文件",
                       "%s is a hard link: a pack holds plain files only", shown);
    case '2':
        return fc_fail(err, FC_EDENIED, "%s 是符号链接：包里只能有普通文件",
                       "%s is a symbolic link: a pack holds plain files only", shown);
    case '3':
    case '4':
    case '6':
        return fc_fail(err, FC_EDENIED, "%s 是设备或管道：包里只能有普通文件",
                       "%s is a device or a pipe: a pack holds plain files only", shown);
    case '5':
        return fc_fail(err, FC_EINVAL, "%s 是文件夹条目：forecourt pack build 不写这样的条目",
                       "%s is an entry for a folder: forecourt pack build writes none", shown);
    default:
        return fc_fail(
            err, FC_EINVAL,
            "%s 是扩展条目（长文件名、稀疏文件等）：包由 forecourt pack build 制作，别的程序不行",
            "%s is an extended entry (long name, sparse file or such): forecourt pack build makes packs, no "
            "other program does",
            shown);
    }
}

static const fc_pack_file *folded(const fc_pack_index *x, const char *path)
{
    for (size_t i = 0; i < x->n; i++)
        if (strcasecmp(x->files[i].path, path) == 0) return &x->files[i];
    return NULL;
}

/* A plain file, whose name could stand in a pack, in a place where another one should be. */
static int refuse_place(const struct reading *r, const fc_tar_entry *e, const char *path, fc_err *err)
{
    const fc_pack_index *x = r->a->index;
    const fc_pack_file *there = x ? fc_pack_index_file(x, e->path) : NULL,
                       *alike = x && !there ? folded(x, e->path) : NULL;
    if (!x)
        return fc_fail(err, FC_EINVAL, "第一个文件是 %s，应是 INDEX：这不是插件包",
                       "the first file is %s and should be INDEX: this is no pack", e->path);
    if (there && (size_t)(there - x->files) < r->next)
        return fc_fail(err, FC_EINVAL, "%s 出现了两次", "%s is there twice", e->path);
    if (strcasecmp(e->path, "INDEX") == 0 || strcasecmp(e->path, SIGNATURE_NAME) == 0)
        return fc_fail(err, FC_EINVAL, "%s 出现了两次", "%s is there twice", e->path);
    if (alike)
        return fc_fail(err, FC_EINVAL, "%s 和 %s 只有大小写不同", "%s and %s differ in capitals only",
                       e->path, alike->path);
    if (there)
        return fc_fail(err, FC_EINVAL, "INDEX 中的 %s 不在包里", "%s stands in INDEX and is missing", path);
    return fc_fail(err, FC_EDENIED, "%s 不在 INDEX 中：有人加了文件",
                   "%s does not stand in INDEX: somebody added it", e->path);
}

int fc_archive_refuse(const struct reading *r, const char *header, const char *path, int64_t size,
                      fc_err *err)
{
    fc_tar_entry e;
    char shown[120];
    fc_tar_look((const unsigned char *)header, &e);
    fc_pack_show(e.path, strlen(e.path), shown, sizeof shown);
    if (e.empty && path)
        return fc_fail(err, FC_EINVAL, "INDEX 中的 %s 不在包里", "%s stands in INDEX and is missing", path);
    if (!e.intact)
        return fc_fail(err, FC_EINVAL, "%s 处的文件头被改过或已损坏：请重新取得这个包",
                       "the header at %s was changed or is damaged: fetch the pack again",
                       path ? path : "the end");
    int rc = refuse_type(&e, shown, err);
    if (!rc) rc = fc_pack_path_check(e.path, strlen(e.path), err);
    if (rc) return rc;
    if (!path || strcmp(path, e.path) != 0) return refuse_place(r, &e, path, err);
    if (e.size != size)
        return fc_fail(err, FC_EDENIED, "%s 有 %lld 字节，INDEX 说是 %lld",
                       "%s has %lld bytes, INDEX says %lld", path, (long long)e.size, (long long)size);
    return fc_fail(err, FC_EINVAL, "%s 的文件头（权限、时间、所有者）不是 forecourt pack build 写的",
                   "the header of %s (mode, time, owner) is not as forecourt pack build writes it", path);
}
