// A graph's sparse product: of each node the sum over its neighbours, D^-½ (A + I) D^-½ X in one pass where degrees are given. libtorch's
// products add a row an edge by a call of BLAS on one thread, and turn the matrix around for the gradient; here rows are shared among
// threads, sums stay in registers, and the caller has both directions of its edges at hand, which for an undirected graph are one.
#include "sconce.h"
#include "vectors.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>
#include <torch/version.h>

#include <algorithm>

namespace sconce {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

#if TORCH_VERSION_MAJOR < 2
using Scale = c10::optional<at::Tensor>;
#else
using Scale = std::optional<at::Tensor>;
#endif

constexpr int64_t Share = 1 << 14;   // numbers that a part of the work adds up, about

// An edge out of bounds would read memory of others.
void verify_edges(const at::Tensor& starts, const at::Tensor& sources) {
    const int64_t* start = starts.data_ptr<int64_t>();
    int64_t rows = starts.size(0) - 1;
    bool ascends = start[0] == 0 && start[rows] == sources.size(0);
    for (int64_t r = 0; r < rows; r++) ascends &= start[r] <= start[r + 1];
    TORCH_CHECK(ascends, "neighbour_sums: starts must rise from 0 to the ", sources.size(0), " edges");
    const int32_t* source = sources.data_ptr<int32_t>();
    bool inside = true;
    for (int64_t e = 0; e < sources.size(0); e++) inside &= source[e] >= 0 && source[e] < rows;
    TORCH_CHECK(inside, "neighbour_sums: sources must number the ", rows, " rows from 0");
}

void verify(const at::Tensor& x, const at::Tensor& starts, const at::Tensor& sources, const Scale& scale) {
    TORCH_CHECK(x.dim() == 2 && x.device().is_cpu() && x.layout() == at::kStrided && (x.is_floating_point() || x.is_complex()),
        "neighbour_sums: x must be a matrix of fractions on the processor");
    TORCH_CHECK(starts.dim() == 1 && starts.scalar_type() == at::kLong && starts.is_contiguous() && starts.size(0) == x.size(0) + 1,
        "neighbour_sums: starts must hold ", x.size(0) + 1, " int64, one more than x has rows, not ", starts.sizes());
    TORCH_CHECK(sources.dim() == 1 && sources.scalar_type() == at::kInt && sources.is_contiguous(),
        "neighbour_sums: sources must be a list of int32");
    verify_edges(starts, sources);
    TORCH_CHECK(!scale || !scale->defined() || (scale->dim() == 1 && scale->size(0) == x.size(0) && !scale->requires_grad()),
        "neighbour_sums: scale must hold ", x.size(0), " numbers without a gradient");
}

// Calls `row(r, first, last)` for each row with its stretch of the edges: parts of the rows have like many edges, however unlike rows are.
template <typename Row>
void each_row(const at::Tensor& starts, int64_t width, Row row) {
    const int64_t* start = starts.data_ptr<int64_t>();
    int64_t rows = starts.size(0) - 1, work = rows + start[rows], parts = std::max<int64_t>(1, std::min(rows, work * width / Share));
    auto first_of = [&](int64_t part) {   // the first row before which lies so much of the work
        int64_t wanted = work * part / parts, low = 0, high = rows;
        while (low < high) {
            int64_t middle = (low + high) / 2;
            if (middle + start[middle] < wanted) low = middle + 1;
            else high = middle;
        }
        return low;
    };
    at::parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
        int64_t last = end == parts ? rows : first_of(end);
        for (int64_t r = first_of(begin); r < last; r++) row(r, start[r], start[r + 1]);
    });
}

at::Tensor of_floats(const at::Tensor& x, const at::Tensor& starts, const at::Tensor& sources, const at::Tensor& scale, bool loops) {
    at::Tensor result = at::empty_like(x);
    int64_t width = x.size(1);
    const float *from = x.data_ptr<float>(), *by = scale.defined() ? scale.data_ptr<float>() : nullptr;
    const int32_t* source = sources.data_ptr<int32_t>();
    float* to = result.data_ptr<float>();
    each_row(starts, width, [&](int64_t r, int64_t first, int64_t last) {
        sum_of_rows(from, width, source + first, last - first, by, loops ? r : -1, by ? by[r] : 1.0f, to + r * width);
    });
    return result;
}

at::Tensor of_others(const at::Tensor& x, const at::Tensor& starts, const at::Tensor& sources, const at::Tensor& scale, bool loops) {
    at::Tensor sent = scale.defined() ? x.mul(scale.to(x.scalar_type()).unsqueeze(1)) : x;
    at::Tensor targets = at::repeat_interleave(starts.slice(0, 1).sub(starts.slice(0, 0, -1)));
    at::Tensor result = (loops ? sent.clone() : at::zeros_like(sent)).index_add(0, targets, sent.index_select(0, sources));
    return scale.defined() ? result.mul(scale.to(x.scalar_type()).unsqueeze(1)) : result;
}

at::Tensor neighbour_sums(const at::Tensor& given, const at::Tensor& starts, const at::Tensor& sources, const at::Tensor& back_starts,
    const at::Tensor& back_sources, const Scale& scale, bool loops) {
    verify(given, starts, sources, scale);
    at::Tensor x = given.contiguous(), by = scale && scale->defined() ? scale->contiguous() : at::Tensor();
    bool floats = x.scalar_type() == at::kFloat && (!by.defined() || by.scalar_type() == at::kFloat);
    return (floats ? of_floats : of_others)(x, starts, sources, by, loops);
}

at::Tensor called(const at::Tensor& x, const at::Tensor& starts, const at::Tensor& sources, const at::Tensor& back_starts,
    const at::Tensor& back_sources, const Scale& scale, bool loops) {
    static auto handle = c10::Dispatcher::singleton().findSchemaOrThrow("sconce::neighbour_sums", "").typed<decltype(neighbour_sums)>();
    return handle.call(x, starts, sources, back_starts, back_sources, scale, loops);
}

// The product is linear, and turned around it is the same product along the edges' other direction: so gradients of gradients are had too.
struct NeighbourSums : torch::autograd::Function<NeighbourSums> {
    static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& starts, const at::Tensor& sources,
        const at::Tensor& back_starts, const at::Tensor& back_sources, const Scale& scale, bool loops) {
        context->saved_data["edges"] = std::vector<at::Tensor>{starts, sources, back_starts, back_sources};
        context->saved_data["scale"] = scale;
        context->saved_data["loops"] = loops;
        at::AutoDispatchBelowADInplaceOrView below;
        return called(x, starts, sources, back_starts, back_sources, scale, loops);
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        auto edges = context->saved_data["edges"].toTensorVector();
        auto scale = context->saved_data["scale"].toOptional<at::Tensor>();
        variable_list given(7);
        given[0] = called(gradients[0], edges[2], edges[3], edges[0], edges[1], scale, context->saved_data["loops"].toBool());
        return given;
    }
};

at::Tensor recorded(const at::Tensor& x, const at::Tensor& starts, const at::Tensor& sources, const at::Tensor& back_starts,
    const at::Tensor& back_sources, const Scale& scale, bool loops) {
    return NeighbourSums::apply(x, starts, sources, back_starts, back_sources, scale, loops);
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(sconce, library) {
    library.def("neighbour_sums(Tensor x, Tensor starts, Tensor sources, Tensor back_starts, Tensor back_sources, Tensor? scale=None, "
                "bool loops=False) -> Tensor");
}
TORCH_LIBRARY_IMPL(sconce, CPU, library) { library.impl("neighbour_sums", &neighbour_sums); }
TORCH_LIBRARY_IMPL(sconce, Autograd, library) { library.impl("neighbour_sums", &recorded); }

}  // namespace sconce
