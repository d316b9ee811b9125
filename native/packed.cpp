// Convolutions and linear layers on oneDNN, with their activations and residual sums computed as the results are written.
//
// Everything is channels-last: a picture is rows of pixels, a pixel is its channels, so that a linear layer, a 1x1 convolution and (over patches copied
// side by side) a larger one are all the same product of rows and packed weights, oneDNN's 1x1 convolution. On processors with AVX2 that kernel
// runs at 85 to 95 % of their peak, where its larger convolutions in this order and OpenBLAS's products run at 55 to 85 %. What it does not suit
// (few channels, few results of a larger window, groups), and what oneDNN convolves by such products itself, takes its direct convolution; transposed convolutions are transposed.cpp's.
#include "sconce.h"

#ifdef SCONCE_ONEDNN
#include "cache.h"
#include "invalid.h"
#include "layer_kernel.h"
#include "packed.h"
#include "range.h"
#include "room.h"
#include "tiles.h"
#include "transposed.h"
#include "unfused.h"
#include "winograd.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>

namespace sconce {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;

constexpr int64_t PatchChannels = 32;             // with fewer, copying patches costs more than their product gains
constexpr int64_t PatchOutputs = 32;              // with no more, a patch's copy costs as much as what it is read for
constexpr int64_t FilteredWeights = 48 * 48;      // of a layer with fast windows: with fewer, Winograd's way costs what it saves
constexpr int64_t PatchBytes = int64_t{2} << 20;  // of patches at a time: they stay in the cache, and the weights are not read too often

bool has_no_number(const at::Tensor& tensor) { return at::isnan(tensor).any().item<bool>(); }

}  // namespace

struct Packed::Kernels {
    Geometry geometry;
    std::vector<PostOperation> afterwards;
    int64_t inputs, outputs, height, width;   // of the whole layer, all groups; of its window
    int64_t inner;                            // channels that one window sees, times the window: a row's length where it is a product of rows
    bool rows = false;
    at::Tensor bias;
    memory weights;                           // as the first kernel wanted them
    at::Tensor filters;                       // as given, where Winograd's way may pay; else undefined
    std::atomic<bool> filterable{false};
    std::unique_ptr<Winograd> winograd;       // made for the first pictures for which it pays
    std::unique_ptr<Kernels> bare;            // the same layer and nothing after it, made when it is first wanted
    std::mutex lock;                          // of these two
    Cache<std::vector<int64_t>, LayerKernel> made;

    Kernels(const at::Tensor& weight, const at::Tensor& given, Geometry wanted, std::vector<PostOperation> operations) : geometry(std::move(wanted)), afterwards(std::move(operations)) {
        outputs = weight.size(0);
        inputs = weight.size(1) * geometry.groups;
        height = geometry.linear ? 1 : weight.size(2);
        width = geometry.linear ? 1 : weight.size(3);
        bool plain = height == 1 && width == 1 && geometry.stride[0] == 1 && geometry.stride[1] == 1 && !padded();
        bool copied = geometry.groups == 1 && inputs >= PatchChannels && (height > 1 || width > 1);
        inner = weight.size(1) * height * width;
        bias = given.defined() ? given.clone(at::MemoryFormat::Contiguous) : at::zeros({outputs});
        bool fast_windows = (height > 1 || width > 1) && has_fast_windows();
        rows = (geometry.groups == 1 && plain) || (copied && outputs > PatchOutputs && !fast_windows);
        try {
            pack(weight);
        } catch (const NoFastForm&) {
            if (rows || !copied) throw;
            rows = true;
            pack(weight);
        }
        bool sums_after = std::any_of(afterwards.begin() + by_winograd(), afterwards.end(),
            [](auto& operation) { return operation.kind == After::Add; });
        bool few = fast_windows && weight.size(1) * outputs / geometry.groups < FilteredWeights;
        if (Winograd::can(weight, geometry) && !sums_after && !few) filters = weight.clone(at::MemoryFormat::Contiguous);
        filterable = filters.defined();
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

    std::shared_ptr<LayerKernel> usual_direct() {
        return direct(1, std::max<int64_t>(56, height * geometry.dilation[0]), std::max<int64_t>(56, width * geometry.dilation[1]));
    }

    // Whether oneDNN convolves larger windows by its small products: as fast as patches, without copying them.
    bool has_fast_windows() {
        try {
            return std::string(usual_direct()->description.impl_info_str()).rfind("brg", 0) == 0;
        } catch (const NoFastForm&) {
            return false;
        }
    }

    // In patches a window lies row by row, pixel by pixel, channel by channel; so must the weights.
    void pack(const at::Tensor& weight) {
        at::Tensor plain = rows && !geometry.linear ? weight.permute({0, 2, 3, 1}).contiguous() : weight.contiguous();
        memory::dims shape = weight_shape();
        memory::desc order(shape, memory::data_type::f32, shape.size() == 5 ? Tag::goihw : Tag::oihw);
        auto first = rows ? of_rows(64) : usual_direct();
        if (!written_for_speed(first->description)) throw NoFastForm(std::string("oneDNN has only ") + first->description.impl_info_str());
        weights = memory(first->description.weights_desc(), engine());
        reorder(memory(order, engine(), plain.data_ptr()), weights);
    }

    // Nearly all kernels want the weights in the order of the first.
    LayerKernel with_weights(LayerKernel kernel) const {
        auto wanted = kernel.description.weights_desc();
        if (!weights || wanted == weights.get_desc()) return kernel;
        kernel.weights = memory(wanted, engine());
        reorder(weights, kernel.weights);
        return kernel;
    }

    std::shared_ptr<LayerKernel> of_rows(int64_t count, bool over = false) {
        return made.get({count, over}, [&] {
            return with_weights(
                layer_kernel({1, inner, count, 1}, {1, outputs, count, 1}, {outputs, inner, 1, 1}, Geometry(), afterwards, over));
        });
    }

    int64_t result_size(int64_t size, int axis) const {
        int64_t window = (axis == 0 ? height : width), reach = geometry.dilation[axis] * (window - 1) + 1;
        int64_t around = geometry.before[axis] + geometry.after[axis];
        TORCH_CHECK(size + around >= reach, "a packed layer's window reaches over ", reach, " pixels, more than the picture's ", size,
            " with ", around, " put around them");
        return (size + around - reach) / geometry.stride[axis] + 1;
    }

    std::shared_ptr<LayerKernel> direct(int64_t batch, int64_t rows, int64_t columns, bool over = false) {
        return made.get({batch, rows, columns, over}, [&] {
            memory::dims to{batch, outputs, result_size(rows, 0), result_size(columns, 1)};
            return with_weights(layer_kernel({batch, inputs, rows, columns}, to, weight_shape(), geometry, afterwards, over));
        });
    }

    void execute(const LayerKernel& kernel, const float* source, float* result, const std::vector<const float*>& others) {
        kernel.run(source, weights, bias.data_ptr<float>(), result, afterwards, others);
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

    void convolve_patches(const float* source, float* result, const std::vector<const float*>& others, bool over, int64_t batch,
        const Sizes& sizes) {
        int64_t total = batch * sizes.result_rows, row = sizes.result_columns * inner, bytes = row * static_cast<int64_t>(sizeof(float));
        auto product = [&](float* patches, int64_t first, int64_t count) {
            int64_t offset = first * sizes.result_columns * outputs;
            std::vector<const float*> there;
            for (auto* other : others) there.push_back(other + offset);
            execute(*of_rows(count * sizes.result_columns, over), patches, result + offset, there);
        };
        int64_t strip = std::min(total, std::max<int64_t>(1, PatchBytes / bytes));
        at::Tensor space = room(strip * row);
        float* patches = space.data_ptr<float>();
        for (int64_t first = 0; first < total; first += strip) {
            int64_t count = std::min(strip, total - first);
            at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
                for (int64_t r = begin; r < end; r++) copy_patches(source, patches + r * row, first + r, sizes);
            });
            product(patches, first, count);
        }
    }

    std::vector<int64_t> result_shape(const at::Tensor& input) const {
        if (!geometry.linear) return {input.size(0), outputs, result_size(input.size(2), 0), result_size(input.size(3), 1)};
        auto shape = input.sizes().vec();
        shape.back() = outputs;
        return shape;
    }

    at::Tensor result_for(const at::Tensor& input) const {
        return at::empty(result_shape(input), input.options(),
            geometry.linear ? at::MemoryFormat::Contiguous : at::MemoryFormat::ChannelsLast);
    }

    // Null where Winograd's way does not pay for such pictures, or would not be exact enough for these.
    Winograd* filtering(const at::Tensor& input) {
        if (!filterable || !winograd_is_wanted() || !Winograd::pays(filters, geometry, input.size(0), input.size(2), input.size(3))
            || !is_even(input)) return nullptr;
        std::lock_guard<std::mutex> held(lock);
        try {
            std::vector<PostOperation> own(afterwards.begin(), afterwards.begin() + by_winograd());
            if (!winograd) winograd = std::make_unique<Winograd>(filters, bias, geometry, own);
        } catch (const NoFastForm&) {
            filterable = false;   // the other way, from now on
        }
        return winograd.get();
    }

    void filter(Winograd& way, const at::Tensor& input, at::Tensor& result, const std::vector<const float*>& others) {
        way.run(input.data_ptr<float>(), result.data_ptr<float>(), others, input.size(0), input.size(2), input.size(3));
        for (auto next = afterwards.begin() + by_winograd(); next != afterwards.end(); next++) result = apply(result, *next, {});
    }

    // `over`: the one sum's other side is what `result` holds.
    void multiply(const at::Tensor& input, at::Tensor& result, const std::vector<const float*>& others, bool over = false) {
        const float* source = input.data_ptr<float>();
        float* to = result.data_ptr<float>();
        if (!rows) {
            execute(*direct(input.size(0), input.size(2), input.size(3), over), source, to, others);
        } else if (!patches()) {
            execute(*of_rows(result.numel() / outputs, over), source, to, others);
        } else {
            convolve_patches(source, to, others, over, result.size(0), {input.size(2), input.size(3), result.size(2), result.size(3)});
        }
    }

    // oneDNN computes the layer, libtorch what comes after it.
    at::Tensor step_by_step(const at::Tensor& input, const std::vector<at::Tensor>& others) {
        {
            std::lock_guard<std::mutex> held(lock);
            if (!bare) bare = std::make_unique<Kernels>(*this);
        }
        at::Tensor result = result_for(input);
        bare->multiply(input, result, {});
        size_t next = 0;
        for (auto& operation : afterwards) result = apply(result, operation, operation.kind == After::Add ? others[next++] : at::Tensor());
        return result;
    }

    // `others` are of the result's shape and order.
    at::Tensor compute(const at::Tensor& input, const std::vector<at::Tensor>& others, Care care) {
        bool over = care == Care::Over && others.size() == 1;
        at::Tensor result = over ? others[0] : result_for(input);
        std::vector<const float*> pointers;
        for (auto& other : others) pointers.push_back(other.data_ptr<float>());
        if (Winograd* way = filtering(input)) {
            filter(*way, input, result, pointers);
            return result;
        }
        multiply(input, result, pointers, over);
        if (care != Care::Watched || afterwards.empty() || !met_no_number()) return result;
        at::Tensor careful = step_by_step(input, others);
        return has_no_number(careful) ? careful : result;
    }
};

Packed::Packed(at::Tensor weight, at::Tensor bias, Geometry geometry, std::vector<PostOperation> afterwards) {
    if (geometry.transposed) {
        transposed = std::make_unique<Transposed>(weight, bias, std::move(geometry), std::move(afterwards));
    } else {
        kernels = std::make_unique<Kernels>(weight, bias, std::move(geometry), std::move(afterwards));
    }
}

Packed::~Packed() = default;

int64_t Packed::channels() const { return kernels->outputs; }

int64_t Packed::result_size(int64_t size, int axis) const { return kernels->result_size(size, axis); }

int64_t Packed::weight_bytes(int64_t batch, int64_t rows, int64_t columns) const {
    auto& mine = *kernels;
    int64_t window = mine.height * mine.width;
    if (mine.filterable && winograd_is_wanted() && Winograd::pays(mine.filters, mine.geometry, batch, rows, columns)) window = Tiling::Positions;
    return mine.outputs * (mine.inputs / mine.geometry.groups) * window * static_cast<int64_t>(sizeof(float));
}

bool Packed::is_convolution() const { return kernels && !kernels->geometry.linear; }

at::Tensor Packed::run(const at::Tensor& given, const std::vector<at::Tensor>& others, Care care) {
    if (transposed) return transposed->run(given, others);
    auto& mine = *kernels;
    TORCH_CHECK(given.scalar_type() == at::kFloat && given.device().is_cpu(), "a packed layer takes 32-bit numbers of the processor's memory, not ", given.toString());
    TORCH_CHECK(mine.geometry.linear ? given.dim() > 0 && given.size(-1) == mine.inputs : given.dim() == 4 && given.size(1) == mine.inputs, "a packed layer of ", mine.inputs, " channels got ", given.sizes());
    auto format = mine.geometry.linear ? at::MemoryFormat::Contiguous : at::MemoryFormat::ChannelsLast;
    at::Tensor input = given.contiguous(format);
    auto shape = mine.result_shape(input);
    if (c10::multiply_integers(shape) == 0) return mine.result_for(input);
    std::vector<at::Tensor> kept;
    for (auto& other : others) {
        // A sum that spreads one of its sides over the other, or is of another type: libtorch does what follows.
        if (other.sizes() != at::IntArrayRef(shape) || other.scalar_type() != at::kFloat
            || !other.device().is_cpu()) return mine.step_by_step(input, others);
        kept.push_back(other.contiguous(format));
    }
    return mine.compute(input, kept, care);
}

TORCH_LIBRARY_FRAGMENT(sconce, library) {
    library.class_<Packed>("Packed");
    library.def("packed(Tensor input, __torch__.torch.classes.sconce.Packed layer, Tensor[] others) -> Tensor",
        [](const at::Tensor& input, const c10::intrusive_ptr<Packed>& layer, const std::vector<at::Tensor>& others) { return layer->run(input, others); });
}

}  // namespace sconce
#endif
