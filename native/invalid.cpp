#include "invalid.h"

#ifdef SCONCE_ONEDNN
#include <ATen/Parallel.h>
#include <dnnl_config.h>

#if defined(__x86_64__) && DNNL_CPU_RUNTIME == DNNL_RUNTIME_OMP
#include <omp.h>
#include <xmmintrin.h>

namespace sconce {

bool met_no_number() {
    constexpr unsigned Invalid = 1;   // of MXCSR: raised by max, min, comparisons and conversions of a NaN, by inf - inf, 0 * inf
    int met = 0;
#pragma omp parallel num_threads(at::get_num_threads()) reduction(| : met)
    {
        unsigned flags = _mm_getcsr();
        if (flags & Invalid) {
            met = 1;
            _mm_setcsr(flags & ~Invalid);
        }
    }
    return met != 0;
}

bool tells_no_number() { return true; }

}  // namespace sconce
#else
namespace sconce {

bool met_no_number() { return true; }

bool tells_no_number() { return false; }

}  // namespace sconce
#endif
#endif
