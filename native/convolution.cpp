// Convolutions of 3x3 over many pixels, and their gradients, by Winograd's filtering (winograd.h), for 32-bit pictures in the usual order: in training these are half
// of a residual network's work. Others, small ones, and numbers that it would not be exact enough for (range.h) go on to libtorch's
// kernels.
#include "sconce.h"

#ifdef SCONCE_ONEDNN
#include "range.h"
#include "replace.h"
#include "tiles.h"
#include "vectors.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/ops/convolution_backward_native.h>
#include <ATen/ops/mkldnn_convolution_native.h>
#include <dnnl.h>

#include <algorithm>
#include <array>
#include <tuple>

namespace sconce {
namespace {

using Optional = ArgumentOf<2, decltype(&at::native::mkldnn_convolution)>::Type;
using OptionalSizes = ArgumentOf<3, decltype(&at::native::convolution_backward)>::Type;
using Three = std::tuple<at::Tensor, at::Tensor, at::Tensor>;

constexpr int64_t ChannelsAtLeast = 32;
constexpr int64_t WorkAtLeast = 250'000'000;   // multiplications of the plain sum: below, changing the order of channels costs more than is saved

bool all(at::IntArrayRef values, int64_t wanted) {
    return values.size() == 2 && std::all_of(values.begin(), values.end(), [&](int64_t each) { return each == wanted; });
}

bool suits(const at::Tensor& input, const at::Tensor& weight, at::IntArrayRef stride, at::IntArrayRef padding, at::IntArrayRef dilation, int64_t groups) {
    if (input.dim() != 4 || weight.dim() != 4 || groups != 1 || weight.size(2) != 3 || weight.size(3) != 3 || weight.size(1) != input.size(1)) return false;
    if (!plain_floats(input) || !plain_floats(weight) || !all(stride, 1) || !all(dilation, 1) || !(all(padding, 0) || all(padding, 1) || all(padding, 2))) return false;
    int64_t inputs = weight.size(1), outputs = weight.size(0), grown = 2 * padding[0] - 2;
    if (inputs % Lanes != 0 || outputs % Lanes != 0 || std::min(inputs, outputs) < ChannelsAtLeast || input.size(2) + grown < 1 || input.size(3) + grown < 1) return false;
    return input.size(0) * (input.size(2) + grown) * (input.size(3) + grown) * inputs * outputs * 9 >= WorkAtLeast;
}

bool bias_suits(const Optional& bias, const at::Tensor& weight) {
    return !bias || !bias->defined() || (plain_floats(*bias) && bias->dim() == 1 && bias->size(0) == weight.size(0));
}

// A gradient of the result's very shape.
bool gradient_suits(const at::Tensor& gradient, const at::Tensor& input, const at::Tensor& weight, at::IntArrayRef padding) {
    int64_t grown = 2 * padding[0] - 2;
    return gradient.scalar_type() == at::kFloat && gradient.device().is_cpu() && gradient.layout() == at::kStrided && gradient.dim() == 4
        && gradient.size(0) == input.size(0)
        && gradient.size(1) == weight.size(0) && gradient.size(2) == input.size(2) + grown && gradient.size(3) == input.size(3) + grown;
}

Tiling tiling(const at::Tensor& input, int64_t padding) {
    int64_t grown = 2 * padding - 2;
    return {input.size(0), input.size(2), input.size(3), padding, padding, input.size(2) + grown, input.size(3) + grown};
}

// result (rows, columns) = left (rows, inner) times right, of which 'T' takes the transpose; plus result, where `add` is 1
void product(char left_form, char right_form, int64_t rows, int64_t columns, int64_t inner, const float* left, const float* right, float add, float* result) {
    auto status = dnnl_sgemm(left_form, right_form, rows, columns, inner, 1, left, left_form == 'T' ? rows : inner, right, right_form == 'T' ? inner : columns, add, result, columns);
    TORCH_CHECK(status == dnnl_success, "convolution: oneDNN's product of ", rows, " x ", inner, " and ", inner, " x ", columns, " failed with status ", static_cast<int>(status));
}

// Memory for a block of tiles at 36 positions each.
struct Positions {
    Positions(int64_t tiles, int64_t channels) : stride(tiles * channels + Tiling::Apart), memory(at::empty({Tiling::Positions * stride})), data(memory.data_ptr<float>()) {}

    float* at(int64_t position) const { return data + position * stride; }

    int64_t stride;
    at::Tensor memory;
    float* data;
};

void read_windows(const Tiling& tiling, const float* pictures, int64_t channels, int64_t first, int64_t count, const Positions& to) {
    at::Tensor zeros = at::zeros({channels});
    at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
        const float* pixels[Tiling::Positions];
        for (int64_t t = begin; t < end; t++) {
            tiling.window(pictures, channels, first + t, static_cast<const float*>(zeros.data_ptr<float>()), pixels);
            winograd_input(pixels, to.data + t * channels, channels, channels, to.stride, 0);
        }
    });
}

// Filters (outputs, inputs, 3, 3) at the 36 positions; for the gradient of pictures, where they are turned and inputs and outputs change places, (36, inputs, outputs).
Positions filters(const at::Tensor& weight, bool backwards) {
    int64_t outputs = weight.size(0), inputs = weight.size(1), rows = backwards ? inputs : outputs, columns = backwards ? outputs : inputs;
    Positions made(rows, columns);
    const float* from = weight.data_ptr<float>();
    at::parallel_for(0, rows, 1, [&](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; row++) {
            if (backwards) {
                winograd_filters(from + row * 9, inputs * 9, true, columns, made.data + row * columns, made.stride);
            } else {
                winograd_filters(from + row * inputs * 9, 9, false, columns, made.data + row * columns, made.stride);
            }
        }
    });
    return made;
}

// Channels last: pictures of `inputs` channels -> results of `outputs` channels.
void convolve(const Tiling& tiling, const float* pictures, int64_t inputs, const Positions& filters, int64_t outputs, const float* bias, float* results) {
    int64_t most = tiling.most(inputs + outputs);
    Positions windows(most, inputs), products(most, outputs);
    for (int64_t first = 0; first < tiling.count(); first += most) {
        int64_t count = std::min(most, tiling.count() - first);
        read_windows(tiling, pictures, inputs, first, count, windows);
        at::parallel_for(0, Tiling::Positions, 1, [&](int64_t begin, int64_t end) {
            for (int64_t k = begin; k < end; k++) product('N', 'T', count, outputs, inputs, windows.at(k), filters.at(k), 0, products.at(k));
        });
        at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
            at::Tensor outside = at::empty({outputs});
            float* pixels[Tiling::Pixels];
            for (int64_t t = begin; t < end; t++) {
                tiling.square(results, outputs, first + t, outside.data_ptr<float>(), pixels);
                winograd_output(products.data + t * outputs, outputs, outputs, products.stride, 0, bias, nullptr, 0, pixels);
            }
        });
    }
}

// The gradient of filters (outputs, inputs, 3, 3): at each position the sum over tiles of gradients of results times pictures.
at::Tensor filters_gradient(const Tiling& tiling, const float* pictures, int64_t inputs, const float* gradients, int64_t outputs) {
    int64_t most = tiling.most(inputs + outputs);
    Positions windows(most, inputs), squares(most, outputs), sums(outputs, inputs);
    at::Tensor zeros = at::zeros({outputs});
    for (int64_t first = 0; first < tiling.count(); first += most) {
        int64_t count = std::min(most, tiling.count() - first);
        read_windows(tiling, pictures, inputs, first, count, windows);
        at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
            const float* pixels[Tiling::Pixels];
            for (int64_t t = begin; t < end; t++) {
                tiling.square(gradients, outputs, first + t, static_cast<const float*>(zeros.data_ptr<float>()), pixels);
                winograd_output_gradient(pixels, squares.data + t * outputs, outputs, squares.stride);
            }
        });
        at::parallel_for(0, Tiling::Positions, 1, [&](int64_t begin, int64_t end) {
            for (int64_t k = begin; k < end; k++) product('T', 'N', outputs, inputs, count, squares.at(k), windows.at(k), first > 0 ? 1 : 0, sums.at(k));
        });
    }
    at::Tensor result = at::empty({outputs, inputs, 3, 3});
    float* to = result.data_ptr<float>();
    at::parallel_for(0, outputs, 1, [&](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; row++) winograd_filters_gradient(sums.data + row * inputs, inputs, sums.stride, to + row * inputs * 9);
    });
    return result;
}

at::Tensor channels_last(const at::Tensor& pictures) { return pictures.contiguous(at::MemoryFormat::ChannelsLast); }

at::Tensor convolved(const Tiling& tiling, const at::Tensor& pictures, const Positions& filters, int64_t outputs, const at::Tensor& bias) {
    at::Tensor from = channels_last(pictures), result = at::empty({tiling.batch, outputs, tiling.result_rows, tiling.result_columns}, pictures.options(), at::MemoryFormat::ChannelsLast);
    convolve(tiling, from.data_ptr<float>(), pictures.size(1), filters, outputs, bias.data_ptr<float>(), result.data_ptr<float>());
    return result.contiguous();
}

at::Tensor convolution(const at::Tensor& input, const at::Tensor& weight, const Optional& bias, at::IntArrayRef padding, at::IntArrayRef stride, at::IntArrayRef dilation, int64_t groups) {
    bool biased = bias && bias->defined();
    bool ours = winograd_is_wanted() && suits(input, weight, stride, padding, dilation, groups) && bias_suits(bias, weight)
        && is_even(input) && is_even(weight);
    if (!ours) return at::native::mkldnn_convolution(input, weight, bias, padding, stride, dilation, groups);
    return convolved(tiling(input, padding[0]), input, filters(weight, false), weight.size(0), biased ? *bias : at::zeros({weight.size(0)}));
}

Three gradients(const at::Tensor& gradient, const at::Tensor& input, const at::Tensor& weight, OptionalSizes bias_sizes, at::IntArrayRef stride, at::IntArrayRef padding, at::IntArrayRef dilation, bool transposed,
    at::IntArrayRef output_padding, int64_t groups, std::array<bool, 3> wanted) {
    bool ours = winograd_is_wanted() && !transposed && suits(input, weight, stride, padding, dilation, groups)
        && gradient_suits(gradient, input, weight, padding) && is_even(gradient)
        && is_even(input) && is_even(weight);
    if (!ours) {
        return at::native::convolution_backward(gradient, input, weight, bias_sizes, stride, padding, dilation, transposed, output_padding, groups, wanted);
    }
    at::Tensor plain = gradient.contiguous();
    int64_t outputs = weight.size(0), inputs = weight.size(1);
    at::Tensor of_input, of_weight, of_bias;
    if (wanted[0]) of_input = convolved(tiling(plain, 2 - padding[0]), plain, filters(weight, true), inputs, at::zeros({inputs}));
    if (wanted[1]) of_weight = filters_gradient(tiling(input, padding[0]), channels_last(input).data_ptr<float>(), inputs, channels_last(plain).data_ptr<float>(), outputs);
    if (wanted[2]) of_bias = plain.sum({0, 2, 3});
    return {of_input, of_weight, of_bias};
}

const auto forward = replace("mkldnn_convolution", &convolution);
const auto backward = replace("convolution_backward", &gradients);

}  // namespace
}  // namespace sconce
#endif
