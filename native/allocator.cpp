// The allocator of tensors on the processor. libtorch's own asks posix_memalign for each buffer, which glibc serves past its
// per-thread cache: five to nine times slower than malloc for a small tensor. This one asks malloc and aligns by itself.
#include "sconce.h"

#include <c10/core/CPUAllocator.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <cstdlib>
#include <cstring>

namespace {

constexpr size_t Alignment = 64;  // c10::gAlignment: vector loads of every width

// The address that malloc gave stands just before the aligned one; malloc's own alignment leaves room for it.
void release(void* data) {
    if (!data) return;
    c10::profiledCPUMemoryReporter().Delete(data);
    std::free(static_cast<void**>(data)[-1]);
}

void* acquire(size_t bytes) {
    if (bytes == 0) return nullptr;
    void* raw = bytes < SIZE_MAX - Alignment ? std::malloc(bytes + Alignment) : nullptr;
    if (!raw) TORCH_CHECK(false, "can't allocate memory: ", bytes, " bytes were asked for");
    auto* data = reinterpret_cast<void**>((reinterpret_cast<uintptr_t>(raw) + Alignment) & ~(Alignment - 1));
    data[-1] = raw;
    c10::profiledCPUMemoryReporter().New(data, bytes);
    return data;
}

// libtorch's base class lost a const and gained copy_data in 2.3: whichever it has is overridden, the rest are plain members.
struct AlignedMalloc final : c10::Allocator {
    c10::DataPtr allocate(size_t bytes) { return make(bytes); }
    c10::DataPtr allocate(size_t bytes) const { return make(bytes); }
    c10::DeleterFnPtr raw_deleter() const override { return &release; }
    void copy_data(void* target, const void* source, size_t bytes) const { std::memcpy(target, source, bytes); }

    static c10::DataPtr make(size_t bytes) {
        void* data = acquire(bytes);
        return {data, data, &release, c10::Device(c10::DeviceType::CPU)};
    }
};

}  // namespace

// Once, before the first tensor. glibc besides gives every large buffer back to the kernel at once, and each new one is page-faulted
// in again: kept, large-output convolutions ran 2-4 times faster (DESIGN.md). Returns 1 where the allocator took the advice.
SCONCE_API int32_t sc_keep_freed_memory() {
    static AlignedMalloc allocator;
    c10::SetCPUAllocator(&allocator, 1);
#ifdef __GLIBC__
    return mallopt(M_MMAP_THRESHOLD, 1 << 30) && mallopt(M_TRIM_THRESHOLD, 2147483647) && mallopt(M_TOP_PAD, 64 << 20);
#else
    return 0;
#endif
}

SCONCE_API void sc_release_freed_memory() {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
