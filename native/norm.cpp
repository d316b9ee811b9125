// Batch norm's forward pass in training, for 32-bit numbers in the usual order: libtorch reads a channel's numbers from memory three times and sums them one by one;
// here they stay in the cache from the mean to the result. Other inputs go on to libtorch's.
#include "replace.h"
#include "sconce.h"
#include "vectors.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/ops/native_batch_norm_native.h>

#include <cmath>

namespace sconce {
namespace {

using Optional = ArgumentOf<1, decltype(&at::native::batch_norm_cpu)>::Type;
using Three = std::tuple<at::Tensor, at::Tensor, at::Tensor>;

bool absent_or_plain(const Optional& tensor, int64_t channels) { return !tensor || !tensor->defined() || (plain_floats(*tensor) && tensor->numel() == channels); }

float* pointer(const Optional& tensor) { return tensor && tensor->defined() ? tensor->data_ptr<float>() : nullptr; }

Three batch_norm(const at::Tensor& input, const Optional& weight, const Optional& bias, const Optional& running_mean, const Optional& running_var, bool training, double momentum, double eps) {
    auto fits = [&](const Optional& tensor) { return absent_or_plain(tensor, input.size(1)); };
    bool ours = training && input.dim() >= 2 && input.numel() > 0 && plain_floats(input) && fits(weight) && fits(bias) && fits(running_mean) && fits(running_var);
    if (!ours) return at::native::batch_norm_cpu(input, weight, bias, running_mean, running_var, training, momentum, eps);

    int64_t batch = input.size(0), channels = input.size(1), pixels = input.numel() / batch / channels, count = batch * pixels;
    at::Tensor result = at::empty_like(input), mean = at::empty({channels}, input.options()), inverse = at::empty({channels}, input.options());
    const float* from = input.data_ptr<float>();
    float *to = result.data_ptr<float>(), *means = mean.data_ptr<float>(), *inverses = inverse.data_ptr<float>();
    float *slopes = pointer(weight), *starts = pointer(bias), *known_means = pointer(running_mean), *known_variances = pointer(running_var);
    at::parallel_for(0, channels, 1, [&](int64_t begin, int64_t end) {
        for (int64_t c = begin; c < end; c++) {
            double total = 0, squares = 0;
            for (int64_t n = 0; n < batch; n++) total += sum(from + (n * channels + c) * pixels, pixels);
            double middle = total / count;
            for (int64_t n = 0; n < batch; n++) squares += sum_of_squares(from + (n * channels + c) * pixels, pixels, middle);
            means[c] = static_cast<float>(middle);
            // Where libtorch rounds to 32 bits, so does this: the result is the same to the last digit, nearly always.
            inverses[c] = static_cast<float>(1 / std::sqrt(static_cast<double>(static_cast<float>(squares) / static_cast<float>(count)) + eps));
            if (known_means) known_means[c] = static_cast<float>(momentum * middle + (1 - momentum) * known_means[c]);
            if (known_variances) known_variances[c] = static_cast<float>(momentum * (squares / (count - 1)) + (1 - momentum) * known_variances[c]);
            float slope = inverses[c] * (slopes ? slopes[c] : 1), start = std::fma(-means[c], slope, starts ? starts[c] : 0.0f);
            for (int64_t n = 0; n < batch; n++) line(from + (n * channels + c) * pixels, to + (n * channels + c) * pixels, pixels, slope, start);
        }
    });
    return {result, mean, inverse};
}

const auto replaced = replace("native_batch_norm", &batch_norm);

}  // namespace
}  // namespace sconce
