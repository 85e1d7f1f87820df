/* Who was ended by the watchdog, told once: the kill is raised again in each coroutine and state on its way
 * out. */
#include "lua/internal.h"

#include <string.h>

static struct {
    int told;
    char text[2][FC_ERR_TEXT], place[256];
} ended;

void fc_ended_forget(void)
{
    ended.told = 0;
}

static void tell(lua_State *L, const char *entry, int in_tx, long long ms)
{
    static const char *const zh[] = {
        "插件 %s%s%s 的函数%s用完了 %lld 毫秒的时间预算，已被终止（是否有死循环？）",
        "插件 %s%s%s 的函数%s在 db.tx 里占用了 %lld 毫秒（时间预算），已被终止：请把计算放到事务之外"};
    static const char *const en[] = {
        "plugin %s%s%s: function %s used up its time budget of %lld ms and was ended (an endless loop?)",
        "plugin %s%s%s: function %s used up the time budget of a db.tx body, %lld ms, and was ended: compute "
        "outside of it"};
    const fc_vm *vm = fc_vm_of(L);
    const char *version = vm->who.version, *space = *version ? " " : "";
    fc_where w;
    ended.told = 1;
    fc_where_runs(L, entry, &w);
    memcpy(ended.place, w.place, sizeof ended.place);
    snprintf(ended.text[0], FC_ERR_TEXT, zh[in_tx], vm->plugin, space, version, w.name[FC_ZH], ms);
    snprintf(ended.text[1], FC_ERR_TEXT, en[in_tx], vm->plugin, space, version, w.name[FC_EN], ms);
}

int fc_raise_ended(lua_State *L, const char *entry, int in_tx, long long ms)
{
    if (!ended.told) tell(L, entry, in_tx, ms);
    return fc_raise_at(L, ended.text[0], ended.text[1], ended.place);
}

void fc_fault_ended(const fc_vm *vm, fc_fault *fault)
{
    memset(fault, 0, sizeof *fault);
    fault->code = FC_ELIMIT;
    if (ended.told) {
        memcpy(fault->zh, ended.text[0], sizeof fault->zh);
        memcpy(fault->en, ended.text[1], sizeof fault->en);
        memcpy(fault->place, ended.place, sizeof fault->place);
        return;
    }
    snprintf(fault->zh, sizeof fault->zh, "插件 %s 运行超过了时间预算，已被终止", vm->plugin);
    snprintf(fault->en, sizeof fault->en, "plugin %s used up its time budget and was ended", vm->plugin);
}
