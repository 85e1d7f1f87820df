#include "base/curl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#define LIBRARY "libcurl.so.4"

static fc_curl lib;
static bool opened;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const struct {
    const char *name;
    size_t at;
} functions[] = {
    {"curl_easy_init", offsetof(fc_curl, init)},
    {"curl_easy_setopt", offsetof(fc_curl, set)},
    {"curl_easy_perform", offsetof(fc_curl, perform)},
    {"curl_easy_getinfo", offsetof(fc_curl, info)},
    {"curl_easy_cleanup", offsetof(fc_curl, cleanup)},
    {"curl_easy_strerror", offsetof(fc_curl, error)},
    {"curl_slist_append", offsetof(fc_curl, append)},
    {"curl_slist_free_all", offsetof(fc_curl, free_list)},
    {"curl_url", offsetof(fc_curl, url)},
    {"curl_url_set", offsetof(fc_curl, url_set)},
    {"curl_url_get", offsetof(fc_curl, url_get)},
    {"curl_url_cleanup", offsetof(fc_curl, url_free)},
    {"curl_free", offsetof(fc_curl, free)},
    {"curl_multi_init", offsetof(fc_curl, multi)},
    {"curl_multi_add_handle", offsetof(fc_curl, multi_add)},
    {"curl_multi_remove_handle", offsetof(fc_curl, multi_remove)},
    {"curl_multi_perform", offsetof(fc_curl, multi_perform)},
    {"curl_multi_poll", offsetof(fc_curl, multi_poll)},
    {"curl_multi_wakeup", offsetof(fc_curl, multi_wakeup)},
    {"curl_multi_info_read", offsetof(fc_curl, multi_info)},
    {"curl_multi_cleanup", offsetof(fc_curl, multi_free)},
};

static void open_library(void)
{
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!library) return;
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        void *found = dlsym(library, functions[i].name);
        if (!found) return;
        *(void **)((char *)&lib + functions[i].at) = found;
    }
    CURLcode (*begin)(long flags);
    *(void **)&begin = dlsym(library, "curl_global_init");
    opened = begin && begin(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

const fc_curl *fc_curl_open(fc_err *err)
{
    pthread_once(&once, open_library);
    if (opened) return &lib;
    fc_fail(err, FC_EINTERNAL, "无法打开 " LIBRARY "：请安装软件包 libcurl4",
            LIBRARY " cannot be opened: install the package libcurl4");
    return NULL;
}
