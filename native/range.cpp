#include "range.h"

#include "sconce.h"

#ifdef SCONCE_ONEDNN
#include "vectors.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>

namespace sconce {
namespace {

constexpr double LargestOverUsual = 256;
constexpr int64_t FloatsForAThread = 64 * 1024;

std::atomic<bool> wanted{true};

}  // namespace

bool is_even(const at::Tensor& numbers) {
    if (!numbers.is_non_overlapping_and_dense()) return is_even(numbers.contiguous());
    double largest = 0, squares = 0;
    std::mutex lock;
    const float* from = numbers.data_ptr<float>();
    at::parallel_for(0, numbers.numel(), FloatsForAThread, [&](int64_t begin, int64_t end) {
        float most = 0;
        double sum = 0;
        extent(from + begin, end - begin, &most, &sum);
        std::lock_guard<std::mutex> held(lock);
        largest = std::max(largest, static_cast<double>(most));
        squares += sum;
    });
    if (!std::isfinite(squares)) return false;   // an infinity, something that is no number, or numbers beyond 1e18
    return largest * largest * static_cast<double>(numbers.numel()) <= LargestOverUsual * LargestOverUsual * squares;
}

bool winograd_is_wanted() { return wanted; }

}  // namespace sconce
#endif

// Whether large 3x3 convolutions may be computed by Winograd's filtering; gives what held before.
SCONCE_API int32_t sc_set_winograd(int32_t on) {
#ifdef SCONCE_ONEDNN
    return sconce::wanted.exchange(on != 0);
#else
    return 0;
#endif
}

SCONCE_API int32_t sc_winograd() {
#ifdef SCONCE_ONEDNN
    return sconce::wanted;
#else
    return 0;
#endif
}
