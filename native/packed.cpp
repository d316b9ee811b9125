// Convolutions and linear layers on oneDNN, with their activations and residual sums computed as the results are written.
//
// Everything is channels-last: a picture is rows of pixels, a pixel is its channels, so that a linear layer, a 1x1 convolution and (over patches copied
// side by side) a larger one are all the same product of rows and packed weights, oneDNN's 1x1 convolution. On processors with AVX2 that kernel
// runs at 85 to 95 % of their peak, where its larger convolutions in this order and OpenBLAS's products run at 55 to 85 %. What it does not suit
// (few channels, groups) takes oneDNN's direct convolution.
#include "sconce.h"

#ifdef SCONCE_ONEDNN
#include "onednn.h"
#include "packed.h"
#include "unfused.h"
#include "winograd.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <numeric>
#include <stdexcept>
#include <unordered_map>

namespace sconce {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;

constexpr auto Float = memory::data_type::f32;
constexpr int64_t PatchChannels = 32;             // with fewer, copying patches costs more than their product gains
constexpr int64_t PatchBytes = int64_t{2} << 20;  // of patches at a time: they stay in the cache, and the weights are not read too often

void append(dnnl::post_ops& operations, const PostOperation& operation, const memory::desc& result) {
    auto eltwise = [&](dnnl::algorithm algorithm, double alpha, double beta) {
#if DNNL_VERSION_MAJOR >= 3
        operations.append_eltwise(algorithm, static_cast<float>(alpha), static_cast<float>(beta));
#else
        operations.append_eltwise(1.f, algorithm, static_cast<float>(alpha), static_cast<float>(beta));
#endif
    };
    switch (operation.kind) {
        case After::Relu: return eltwise(dnnl::algorithm::eltwise_relu, 0, 0);
        case After::Clamp: return eltwise(dnnl::algorithm::eltwise_clip, operation.alpha, operation.beta);
        case After::Silu: return eltwise(dnnl::algorithm::eltwise_swish, 1, 0);
        case After::Gelu: return eltwise(dnnl::algorithm::eltwise_gelu_erf, 0, 0);
        case After::GeluTanh: return eltwise(dnnl::algorithm::eltwise_gelu_tanh, 0, 0);
        case After::Sigmoid: return eltwise(dnnl::algorithm::eltwise_logistic, 0, 0);
        case After::Tanh: return eltwise(dnnl::algorithm::eltwise_tanh, 0, 0);
#if DNNL_VERSION_MAJOR >= 3
        case After::HardSwish: return eltwise(dnnl::algorithm::eltwise_hardswish, 1.0 / 6, 0.5);
#else
        case After::HardSwish: return eltwise(dnnl::algorithm::eltwise_hardswish, 0, 0);
#endif
        case After::LeakyRelu: return eltwise(dnnl::algorithm::eltwise_relu, operation.alpha, 0);
        case After::Elu: return eltwise(dnnl::algorithm::eltwise_elu, operation.alpha, 0);
        case After::Linear: return eltwise(dnnl::algorithm::eltwise_linear, operation.alpha, operation.beta);
        case After::Add: operations.append_binary(dnnl::algorithm::binary_add, result);
    }
}

// One shape's kernel: oneDNN generates its code once for every shape.
struct Kernel {
    dnnl::convolution_forward::primitive_desc description;
    dnnl::convolution_forward primitive;
};

Kernel kernel(const memory::dims& source, const memory::dims& result, const memory::desc& weights, int64_t outputs, const Geometry& geometry, const std::vector<PostOperation>& afterwards) {
    memory::desc from(source, Float, Tag::nhwc), to(result, Float, Tag::nhwc), bias({outputs}, Float, Tag::a);
    dnnl::post_ops operations;
    for (auto& operation : afterwards) append(operations, operation, to);
    dnnl::primitive_attr attributes;
    attributes.set_post_ops(operations);
    memory::dims dilation{geometry.dilation[0] - 1, geometry.dilation[1] - 1};
#if DNNL_VERSION_MAJOR >= 3
    dnnl::convolution_forward::primitive_desc description(engine(), dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, from, weights, bias, to, geometry.stride, dilation,
        geometry.before, geometry.after, attributes);
#else
    dnnl::convolution_forward::desc wanted(dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, from, weights, bias, to, geometry.stride, dilation, geometry.before, geometry.after);
    dnnl::convolution_forward::primitive_desc description(wanted, attributes, engine());
#endif
    return {description, dnnl::convolution_forward(description)};
}

memory::desc any(const memory::dims& shape) { return memory::desc(shape, Float, Tag::any); }

}  // namespace

struct Packed::Kernels {
    Geometry geometry;
    std::vector<PostOperation> afterwards;
    int64_t inputs, outputs, height, width;   // of the whole layer, all groups; of its window
    int64_t inner;                            // channels that one window sees, times the window: a row's length where it is a product of rows
    bool rows;
    at::Tensor bias;
    memory weights;                           // as the first kernel wanted them
    at::Tensor filters;                       // as given, where Winograd's way may pay; else undefined
    std::unique_ptr<Winograd> winograd;       // made for the first pictures for which it pays
    std::mutex lock;
    std::map<std::vector<int64_t>, Kernel> made;

    Kernels(const at::Tensor& weight, const at::Tensor& given, Geometry wanted, std::vector<PostOperation> operations) : geometry(std::move(wanted)), afterwards(std::move(operations)) {
        outputs = weight.size(0);
        inputs = weight.size(1) * geometry.groups;
        height = geometry.linear ? 1 : weight.size(2);
        width = geometry.linear ? 1 : weight.size(3);
        bool plain = height == 1 && width == 1 && geometry.stride[0] == 1 && geometry.stride[1] == 1 && !padded();
        rows = geometry.groups == 1 && (plain || (inputs >= PatchChannels && (height > 1 || width > 1)));
        inner = weight.size(1) * height * width;
        bias = given.defined() ? given.contiguous().clone() : at::zeros({outputs});
        pack(weight);
        if (Winograd::can(weight, geometry) && std::none_of(afterwards.begin() + by_winograd(), afterwards.end(), [](auto& operation) { return operation.kind == After::Add; })) filters = weight;
    }

    // How many of the operations after it Winograd's way computes.
    std::ptrdiff_t by_winograd() const { return std::find_if_not(afterwards.begin(), afterwards.end(), Winograd::takes) - afterwards.begin(); }

    // The same layer, and nothing after it.
    explicit Kernels(const Kernels& other)
        : geometry(other.geometry), inputs(other.inputs), outputs(other.outputs), height(other.height), width(other.width), inner(other.inner), rows(other.rows), bias(other.bias), weights(other.weights) {}

    bool padded() const {
        for (int k = 0; k < 2; k++) {
            if (geometry.before[k] != 0 || geometry.after[k] != 0) return true;
        }
        return false;
    }

    bool patches() const { return rows && (height > 1 || width > 1 || geometry.stride[0] > 1 || geometry.stride[1] > 1 || padded()); }

    memory::dims weight_shape() const {
        if (rows) return {outputs, inner, 1, 1};
        if (geometry.groups == 1) return {outputs, inputs, height, width};
        return {geometry.groups, outputs / geometry.groups, inputs / geometry.groups, height, width};
    }

    // In patches a window lies row by row, pixel by pixel, channel by channel; so must the weights.
    void pack(const at::Tensor& weight) {
        at::Tensor plain = rows && !geometry.linear ? weight.permute({0, 2, 3, 1}).contiguous() : weight.contiguous();
        memory::dims shape = weight_shape();
        memory::desc order(shape, Float, shape.size() == 5 ? Tag::goihw : Tag::oihw);
        Kernel& first = rows ? of_rows(64) : direct(1, 56, 56);
        if (!written_for_speed(first.description)) throw std::invalid_argument(std::string("oneDNN has no fast kernel of this layer, only ") + first.description.impl_info_str());
        weights = memory(first.description.weights_desc(), engine());
        memory source(order, engine(), plain.data_ptr());
        dnnl::reorder(source, weights).execute(stream(), source, weights);
        stream().wait();
    }

    Kernel& cached(const std::vector<int64_t>& key, const std::function<Kernel()>& make) {
        std::lock_guard<std::mutex> held(lock);
        auto found = made.find(key);
        if (found == made.end()) found = made.emplace(key, make()).first;
        return found->second;
    }

    Kernel& of_rows(int64_t count) {
        return cached({count}, [&] { return kernel({1, inner, count, 1}, {1, outputs, count, 1}, any({outputs, inner, 1, 1}), outputs, Geometry(), afterwards); });
    }

    int64_t result_size(int64_t size, int axis) const {
        int64_t window = axis == 0 ? height : width;
        return (size + geometry.before[axis] + geometry.after[axis] - geometry.dilation[axis] * (window - 1) - 1) / geometry.stride[axis] + 1;
    }

    Kernel& direct(int64_t batch, int64_t rows, int64_t columns) {
        return cached({batch, rows, columns}, [&] {
            return kernel({batch, inputs, rows, columns}, {batch, outputs, result_size(rows, 0), result_size(columns, 1)}, any(weight_shape()), outputs, geometry, afterwards);
        });
    }

    // The weights as this kernel wants them: nearly always as the first one did.
    memory weights_for(const Kernel& kernel) {
        if (kernel.description.weights_desc() == weights.get_desc()) return weights;
        memory other(kernel.description.weights_desc(), engine());
        memory mine = weights;
        dnnl::reorder(mine, other).execute(stream(), mine, other);
        stream().wait();
        return other;
    }

    void execute(Kernel& kernel, const float* source, float* result, const std::vector<const float*>& others) {
        auto data = [](const float* pointer) { return const_cast<float*>(pointer); };
        std::unordered_map<int, memory> arguments{
            {DNNL_ARG_SRC, memory(kernel.description.src_desc(), engine(), data(source))},
            {DNNL_ARG_WEIGHTS, weights_for(kernel)},
            {DNNL_ARG_BIAS, memory(kernel.description.bias_desc(), engine(), bias.data_ptr())},
            {DNNL_ARG_DST, memory(kernel.description.dst_desc(), engine(), result)},
        };
        size_t next = 0;
        for (size_t k = 0; k < afterwards.size(); k++) {
            if (afterwards[k].kind != After::Add) continue;
            arguments.emplace(DNNL_ARG_ATTR_MULTIPLE_POST_OP(static_cast<int>(k)) | DNNL_ARG_SRC_1, memory(kernel.description.dst_desc(), engine(), data(others[next++])));
        }
        kernel.primitive.execute(stream(), arguments);
        stream().wait();
    }

    // The pictures read and the pictures written, by pixels.
    struct Sizes {
        int64_t rows, columns, result_rows, result_columns;
    };

    // Copies the windows of one row of results, counted over the whole batch, each into a row of its own.
    void copy_patches(const float* source, float* to, int64_t row, const Sizes& sizes) const {
        int64_t picture = row / sizes.result_rows, top = row % sizes.result_rows * geometry.stride[0] - geometry.before[0];
        bool adjacent = geometry.dilation[1] == 1;
        for (int64_t c = 0; c < sizes.result_columns; c++) {
            int64_t left = c * geometry.stride[1] - geometry.before[1];
            for (int64_t i = 0; i < height; i++) {
                int64_t y = top + i * geometry.dilation[0];
                const float* line = source + (picture * sizes.rows + y) * sizes.columns * inputs;
                if (y < 0 || y >= sizes.rows) {
                    std::memset(to, 0, sizeof(float) * inputs * width);
                    to += inputs * width;
                } else if (adjacent && left >= 0 && left + width <= sizes.columns) {
                    std::memcpy(to, line + left * inputs, sizeof(float) * inputs * width);
                    to += inputs * width;
                } else {
                    for (int64_t j = 0; j < width; j++, to += inputs) {
                        int64_t x = left + j * geometry.dilation[1];
                        if (x < 0 || x >= sizes.columns) {
                            std::memset(to, 0, sizeof(float) * inputs);
                        } else {
                            std::memcpy(to, line + x * inputs, sizeof(float) * inputs);
                        }
                    }
                }
            }
        }
    }

    void convolve_patches(const float* source, float* result, const std::vector<const float*>& others, int64_t batch, const Sizes& sizes) {
        int64_t total = batch * sizes.result_rows, row = sizes.result_columns * inner, bytes = row * static_cast<int64_t>(sizeof(float));
        auto product = [&](float* patches, int64_t first, int64_t count) {
            int64_t offset = first * sizes.result_columns * outputs;
            std::vector<const float*> there;
            for (auto* other : others) there.push_back(other + offset);
            execute(of_rows(count * sizes.result_columns), patches, result + offset, there);
        };
        int64_t strip = std::min(total, std::max<int64_t>(1, PatchBytes / bytes));
        at::Tensor room = at::empty({strip * row});
        float* patches = room.data_ptr<float>();
        for (int64_t first = 0; first < total; first += strip) {
            int64_t count = std::min(strip, total - first);
            at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
                for (int64_t r = begin; r < end; r++) copy_patches(source, patches + r * row, first + r, sizes);
            });
            product(patches, first, count);
        }
    }

    at::Tensor result_for(const at::Tensor& input) const {
        if (geometry.linear) {
            auto shape = input.sizes().vec();
            shape.back() = outputs;
            return at::empty(shape, input.options());
        }
        return at::empty({input.size(0), outputs, result_size(input.size(2), 0), result_size(input.size(3), 1)}, input.options(), at::MemoryFormat::ChannelsLast);
    }

    void filter(const at::Tensor& input, at::Tensor& result, const std::vector<const float*>& others) {
        auto end = afterwards.begin() + by_winograd();
        {
            std::lock_guard<std::mutex> held(lock);
            if (!winograd) winograd = std::make_unique<Winograd>(filters, bias, geometry, std::vector<PostOperation>(afterwards.begin(), end));
        }
        winograd->run(input.data_ptr<float>(), result.data_ptr<float>(), others, input.size(0), input.size(2), input.size(3));
        for (auto operation = end; operation != afterwards.end(); operation++) result = apply(result, *operation, {});
    }

    void compute(const at::Tensor& input, at::Tensor& result, const std::vector<const float*>& others) {
        const float* source = input.data_ptr<float>();
        float* to = result.data_ptr<float>();
        if (filters.defined() && Winograd::pays(filters, geometry, input.size(0), input.size(2), input.size(3))) {
            filter(input, result, others);
        } else if (!rows) {
            execute(direct(input.size(0), input.size(2), input.size(3)), source, to, others);
        } else if (!patches()) {
            execute(of_rows(result.numel() / outputs), source, to, others);
        } else {
            convolve_patches(source, to, others, result.size(0), {input.size(2), input.size(3), result.size(2), result.size(3)});
        }
    }
};

Packed::Packed(at::Tensor weight, at::Tensor bias, Geometry geometry, std::vector<PostOperation> afterwards)
    : kernels(std::make_unique<Kernels>(weight, bias, std::move(geometry), std::move(afterwards))) {}

Packed::~Packed() = default;

at::Tensor Packed::run(const at::Tensor& given, const std::vector<at::Tensor>& others) {
    auto& mine = *kernels;
    TORCH_CHECK(given.scalar_type() == at::kFloat && given.device().is_cpu(), "a packed layer takes 32-bit numbers of the processor's memory, not ", given.toString());
    TORCH_CHECK(mine.geometry.linear ? given.dim() > 0 && given.size(-1) == mine.inputs : given.dim() == 4 && given.size(1) == mine.inputs, "a packed layer of ", mine.inputs, " channels got ", given.sizes());
    auto format = mine.geometry.linear ? at::MemoryFormat::Contiguous : at::MemoryFormat::ChannelsLast;
    at::Tensor input = given.contiguous(format), result = mine.result_for(input);
    if (result.numel() == 0) return result;
    std::vector<at::Tensor> kept;
    std::vector<const float*> pointers;
    for (auto& other : others) {
        if (other.sizes() != result.sizes() || other.scalar_type() != at::kFloat || !other.device().is_cpu()) break;
        kept.push_back(other.contiguous(format));
        pointers.push_back(kept.back().data_ptr<float>());
    }
    if (pointers.size() == others.size()) {
        mine.compute(input, result, pointers);
        return result;
    }

    // A sum that spreads one of its sides over the other, or is of another type: libtorch does what follows.
    Kernels bare(mine);
    bare.compute(input, result, {});
    size_t next = 0;
    for (auto& operation : mine.afterwards) result = apply(result, operation, operation.kind == After::Add ? others[next++] : at::Tensor());
    return result;
}

TORCH_LIBRARY_FRAGMENT(sconce, library) {
    library.class_<Packed>("Packed");
    library.def("packed(Tensor input, __torch__.torch.classes.sconce.Packed layer, Tensor[] others) -> Tensor",
        [](const at::Tensor& input, const c10::intrusive_ptr<Packed>& layer, const std::vector<at::Tensor>& others) { return layer->run(input, others); });
}

}  // namespace sconce
#endif
