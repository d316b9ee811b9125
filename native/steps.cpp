// What steps of differential equations are made of, each one pass and one node of the tape: sums of states times numbers, and nine weights
// slid over a periodic grid. libtorch pads such a grid by eight copies, and its convolution of one channel has a gradient that costs eight
// times the convolution.
#include "sconce.h"
#include "vectors.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <vector>

namespace sconce {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t NumbersAtLeast = 1 << 15;   // for a thread of its own

bool is_float(const at::Tensor& x) { return x.scalar_type() == at::kFloat && x.device().is_cpu() && x.layout() == at::kStrided; }

at::Tensor weighted_sum_of(at::TensorList terms, at::ArrayRef<double> weights) {
    TORCH_CHECK(!terms.empty() && terms.size() == weights.size(),
        "weighted_sum: there are ", terms.size(), " terms and ", weights.size(), " weights");
    std::vector<at::Tensor> plain;
    std::vector<const float*> from;
    std::vector<float> by(weights.begin(), weights.end());
    for (const at::Tensor& term : terms) {
        if (!is_float(term) || term.sizes() != terms[0].sizes()) break;
        plain.push_back(term.contiguous());
        from.push_back(plain.back().data_ptr<float>());
    }
    if (from.size() < terms.size()) {
        at::Tensor sum = weights[0] == 1 ? terms[0] : terms[0].mul(weights[0]);
        for (size_t k = 1; k < terms.size(); k++) sum = sum.add(terms[k], weights[k]);
        return terms.size() == 1 && weights[0] == 1 ? sum.clone() : sum;
    }
    at::Tensor result = at::empty_like(plain[0]);
    float* to = result.data_ptr<float>();
    at::parallel_for(0, result.numel(), NumbersAtLeast, [&](int64_t begin, int64_t end) {
        std::vector<const float*> part(from);
        for (const float*& place : part) place += begin;
        weighted_sum(part.data(), by.data(), static_cast<int64_t>(part.size()), to + begin, end - begin);
    });
    return result;
}

struct WeightedSum : torch::autograd::Function<WeightedSum> {
    static at::Tensor forward(AutogradContext* context, at::TensorList terms, at::ArrayRef<double> weights) {
        context->saved_data["weights"] = weights.vec();
        std::vector<std::vector<int64_t>> sizes;
        for (const at::Tensor& term : terms) sizes.push_back(term.sizes().vec());
        context->saved_data["sizes"] = sizes;
        at::AutoDispatchBelowADInplaceOrView below;
        return weighted_sum_of(terms, weights);
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        auto weights = context->saved_data["weights"].toDoubleVector();
        auto sizes = context->saved_data["sizes"].to<std::vector<std::vector<int64_t>>>();
        variable_list given;
        for (size_t k = 0; k < weights.size(); k++) {
            at::Tensor own = !context->needs_input_grad(k) ? at::Tensor() : weights[k] == 1 ? gradients[0] : gradients[0].mul(weights[k]);
            given.push_back(own.defined() && own.sizes() != at::IntArrayRef(sizes[k]) ? own.sum_to_size(sizes[k]) : own);
        }
        given.emplace_back();   // of the weights
        return given;
    }
};

at::Tensor recorded_sum(at::TensorList terms, at::ArrayRef<double> weights) { return WeightedSum::apply(terms, weights); }

at::Tensor periodic_stencil(const at::Tensor& fields, const at::Tensor& stencil) {
    TORCH_CHECK(fields.dim() >= 2 && stencil.numel() == 9 && !stencil.requires_grad(),
        "periodic_stencil: fields must be (..., rows, columns), and the stencil nine numbers without a gradient, not ", fields.sizes(),
        " and ", stencil.sizes());
    at::Tensor nine = stencil.reshape({3, 3}).contiguous();
    int64_t rows = fields.size(-2), columns = fields.size(-1);
    if (fields.scalar_type() != at::kFloat || !fields.device().is_cpu() || !is_float(nine) || fields.numel() == 0) {
        at::Tensor sum = at::zeros_like(fields);
        for (int64_t i = 0; i < 3; i++)
            for (int64_t j = 0; j < 3; j++) sum = sum.add(at::roll(fields, {1 - i, 1 - j}, {-2, -1}).mul(nine.select(0, i).select(0, j)));
        return sum;
    }
    at::Tensor from = fields.contiguous(), result = at::empty_like(from);
    const float *x = from.data_ptr<float>(), *weights = nine.data_ptr<float>();
    float* to = result.data_ptr<float>();
    at::parallel_for(0, from.numel() / columns, std::max<int64_t>(1, NumbersAtLeast / columns), [&](int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; r++) {
            int64_t row = r % rows, above = r + (row > 0 ? -1 : rows - 1), below = r + (row + 1 < rows ? 1 : 1 - rows);
            stencil_row(x + above * columns, x + r * columns, x + below * columns, columns, weights, to + r * columns);
        }
    });
    return result;
}

at::Tensor called(const at::Tensor& fields, const at::Tensor& stencil) {
    static auto handle = c10::Dispatcher::singleton().findSchemaOrThrow("sconce::periodic_stencil", "").typed<decltype(periodic_stencil)>();
    return handle.call(fields, stencil);
}

struct PeriodicStencil : torch::autograd::Function<PeriodicStencil> {
    static at::Tensor forward(AutogradContext* context, const at::Tensor& fields, const at::Tensor& stencil) {
        TORCH_CHECK(!stencil.requires_grad(), "periodic_stencil: the stencil has no gradient");
        context->saved_data["stencil"] = stencil;
        at::AutoDispatchBelowADInplaceOrView below;
        return periodic_stencil(fields, stencil);
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        at::Tensor stencil = context->saved_data["stencil"].toTensor();
        return {called(gradients[0], stencil.reshape({3, 3}).flip({0, 1})), at::Tensor()};
    }
};

at::Tensor recorded_stencil(const at::Tensor& fields, const at::Tensor& stencil) { return PeriodicStencil::apply(fields, stencil); }

}  // namespace

TORCH_LIBRARY_FRAGMENT(sconce, library) {
    library.def("weighted_sum(Tensor[] terms, float[] weights) -> Tensor");
    library.def("periodic_stencil(Tensor fields, Tensor stencil) -> Tensor");
}
TORCH_LIBRARY_IMPL(sconce, CompositeExplicitAutograd, library) {
    library.impl("weighted_sum", &weighted_sum_of);
    library.impl("periodic_stencil", &periodic_stencil);
}
TORCH_LIBRARY_IMPL(sconce, Autograd, library) {
    library.impl("weighted_sum", &recorded_sum);
    library.impl("periodic_stencil", &recorded_stencil);
}

}  // namespace sconce
