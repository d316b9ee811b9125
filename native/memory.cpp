// Watching the tensor allocator of this thread: bytes live and their peak since the watch began.
#include "sconce.h"

#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>
#include <torch/csrc/api/include/torch/version.h>

#include <atomic>

namespace {

struct MemoryWatch final : c10::MemoryReportingInfoBase {
    std::atomic<int64_t> live{0};
    std::atomic<int64_t> peak{0};

#if TORCH_VERSION_MAJOR >= 2
    void reportMemoryUsage(void*, int64_t size, size_t, size_t, c10::Device) override {
#else
    void reportMemoryUsage(void*, int64_t size, int64_t, int64_t, c10::Device) override {
#endif
        int64_t now = live += size;
        int64_t before = peak.load();
        while (now > before && !peak.compare_exchange_weak(before, now)) {
        }
    }

    bool memoryProfilingEnabled() const override { return true; }
};

struct Watching {
    std::shared_ptr<MemoryWatch> watch = std::make_shared<MemoryWatch>();
    c10::DebugInfoGuard guard{c10::DebugInfoKind::PROFILER_STATE, watch};
};

}  // namespace

SCONCE_API void* sc_memory_watch() {
    return guarded<void*>(nullptr, [] { return static_cast<void*>(new Watching()); });
}

SCONCE_API void sc_memory_read(void* watching, int64_t* live, int64_t* peak) {
    auto& watch = *static_cast<Watching*>(watching)->watch;
    *live = watch.live;
    *peak = watch.peak;
}

SCONCE_API void sc_memory_unwatch(void* watching) { delete static_cast<Watching*>(watching); }
