// Memory for what is computed on the way to a result.
#pragma once
#include <ATen/Functions.h>

#include <cstdint>

namespace sconce {

// So many floats, not set to anything; for one use at a time in each thread. Up to a size a thread keeps them from call to call: what was
// used a moment ago is in the cache still, where fresh memory is not.
inline at::Tensor room(int64_t floats) {
    constexpr int64_t Kept = int64_t{4} << 20;
    if (floats > Kept) return at::empty({floats}, at::kFloat);
    thread_local at::Tensor mine;
    if (!mine.defined() || mine.numel() < floats) mine = at::empty({floats}, at::kFloat);
    return mine;
}

}  // namespace sconce
