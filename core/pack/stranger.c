#include "pack/stranger.h"
#include "text/semver.h"

#include <string.h>

int fc_lua_fit(const char *lua)
{
    static const fc_semver first_fit = {.major = 5, .minor = 4, .patch = 8};
    fc_semver v;
    if (strncmp(lua, "Lua ", 4) == 0) lua += 4;
    return fc_semver_parse(lua, &v, NULL) == FC_OK && fc_semver_compare(&v, &first_fit) >= 0;
}

int fc_stranger_runs(const char *lua, int dev, fc_err *err)
{
    if (dev || fc_lua_fit(lua)) return FC_OK;
    return fc_fail(
        err, FC_EDENIED,
        "没有受信任的签名，而这里是 %s：5.4.8 以前的 Lua 有内存缺陷，不能运行无人担保的代码。请用 forecourt "
        "pack "
        "trust 登记发布者的公钥；自己试用可以加 --dev",
        "no trusted key signed it, and this is %s: before 5.4.8 Lua has memory faults, so code that nobody "
        "vouches for does not run. Name the publisher's key with forecourt pack trust; to try it yourself "
        "add --dev",
        lua);
}

/* Of an unknown key the sentence names the key. */
int fc_stranger_enters(const char *lua, int dev, int owned, const char *id, const fc_err *why, fc_err *err)
{
    fc_err unfit;
    if (dev) return FC_OK;
    int rc = fc_stranger_runs(lua, 0, &unfit);
    if (!rc && !owned) return FC_OK;
    if (why->code != FC_ENOTFOUND) return *err = *why, why->code;
    if (!owned) return *err = unfit, rc;
    return fc_fail(
        err, FC_EDENIED, "没有签名，而 %s 应由受信任的发布者签名：请向他要签名的包",
        "is not signed, and %s is to be signed by a trusted publisher: ask him for the signed pack", id);
}
