// The runtime: version, threads, devices, the thread's last error.
#include "sconce.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <torch/csrc/api/include/torch/version.h>

#include <cstdlib>
#include <cstring>

namespace {
thread_local std::string last_error;
}

void set_error(const char* message) { last_error = message; }

char* copy_text(const std::string& text) {
    auto* copy = static_cast<char*>(std::malloc(text.size() + 1));
    if (!copy) throw std::bad_alloc();
    std::memcpy(copy, text.c_str(), text.size() + 1);
    return copy;
}

SCONCE_API const char* sc_error() { return last_error.c_str(); }

// Raised whenever a signature here changes: the managed side refuses another number.
SCONCE_API int32_t sc_abi() { return 5; }

SCONCE_API const char* sc_version() { return TORCH_VERSION; }

SCONCE_API char* sc_build_settings() {
    return guarded<char*>(nullptr, [] { return copy_text(at::show_config() + at::get_parallel_info()); });
}

SCONCE_API int32_t sc_threads() { return at::get_num_threads(); }

SCONCE_API int32_t sc_set_threads(int32_t count) {
    return guarded<int32_t>(-1, [&] {
        at::set_num_threads(count);
        return 0;
    });
}

SCONCE_API int32_t sc_set_deterministic(int32_t on) {
    return guarded<int32_t>(-1, [&] {
        at::globalContext().setDeterministicAlgorithms(on != 0, false);
        return 0;
    });
}

SCONCE_API int32_t sc_set_flush_denormal(int32_t on) { return at::globalContext().setFlushDenormal(on != 0); }

SCONCE_API int32_t sc_cuda_devices() {
    return guarded<int32_t>(0, [] { return at::globalContext().hasCUDA() ? static_cast<int32_t>(at::detail::getCUDAHooks().getNumGPUs()) : 0; });
}

SCONCE_API int32_t sc_cuda_synchronize(int32_t index) {
    return guarded<int32_t>(-1, [&] {
        at::detail::getCUDAHooks().deviceSynchronize(static_cast<c10::DeviceIndex>(index));
        return 0;
    });
}
