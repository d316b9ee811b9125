#include "pooling.h"

#include "vectors.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>

#include <algorithm>

namespace sconce {
namespace {

constexpr int64_t FloatsForAThread = 32 * 1024;   // that are read

// Of the pixels of one axis that a window has, those in the picture.
struct Span {
    Span(int64_t place, int64_t pixels, const Window& window, size_t axis)
        : step(window.dilation[axis]), begin(place * window.stride[axis] - window.padding[axis]), end(begin + step * window.size[axis]) {
        if (begin < 0) begin += (step - 1 - begin) / step * step;
        if (end > pixels) end = pixels;
    }

    int64_t step, begin, end;
};

bool suits(const at::Tensor& pictures, const Window& window) {
    bool known = pictures.dim() == 4 && pictures.scalar_type() == at::kFloat && pictures.device().is_cpu() && pictures.numel() > 0
        && pictures.is_contiguous(at::MemoryFormat::ChannelsLast);
    for (size_t axis = 0; axis < 2 && known; axis++) {
        // Else libtorch says what is wrong.
        known = window.size[axis] > 0 && window.stride[axis] > 0 && window.dilation[axis] > 0 && window.padding[axis] >= 0
            && window.padding[axis] <= window.size[axis] / 2
            && pooled_size(pictures.size(static_cast<int64_t>(axis) + 2), window, axis) > 0;
    }
    return known;
}

}  // namespace

int64_t pooled_size(int64_t size, const Window& window, size_t axis) {
    int64_t room = size + 2 * window.padding[axis] - window.dilation[axis] * (window.size[axis] - 1) - 1;
    if (room < 0) return 0;
    int64_t count = (window.ceil ? room + window.stride[axis] - 1 : room) / window.stride[axis] + 1;
    // The last window begins inside the picture or the padding before it.
    return window.ceil && (count - 1) * window.stride[axis] >= size + window.padding[axis] ? count - 1 : count;
}

at::Tensor largest_of_windows(const at::Tensor& pictures, const Window& window) {
    if (!suits(pictures, window)) {
        return at::max_pool2d(pictures, window.size, window.stride, window.padding, window.dilation, window.ceil);
    }
    int64_t count = pictures.size(0), channels = pictures.size(1), rows = pictures.size(2), columns = pictures.size(3);
    int64_t result_rows = pooled_size(rows, window, 0), result_columns = pooled_size(columns, window, 1);
    at::Tensor result = at::empty({count, channels, result_rows, result_columns}, pictures.options(), at::MemoryFormat::ChannelsLast);
    const float* from = pictures.data_ptr<float>();
    float* to = result.data_ptr<float>();
    int64_t floats = result_columns * window.size[0] * window.size[1] * channels;   // that a row of results reads
    at::parallel_for(0, count * result_rows, std::max<int64_t>(1, FloatsForAThread / floats), [&](int64_t first, int64_t last) {
        std::vector<const float*> pixels;
        for (int64_t row = first; row < last; row++) {
            const float* picture = from + row / result_rows * rows * columns * channels;
            Span down(row % result_rows, rows, window, 0);
            for (int64_t column = 0; column < result_columns; column++) {
                Span across(column, columns, window, 1);
                pixels.clear();
                for (int64_t y = down.begin; y < down.end; y += down.step) {
                    const float* line = picture + y * columns * channels;
                    for (int64_t x = across.begin; x < across.end; x += across.step) pixels.push_back(line + x * channels);
                }
                largest(pixels.data(), static_cast<int64_t>(pixels.size()), to + (row * result_columns + column) * channels, channels);
            }
        }
    });
    return result;
}

}  // namespace sconce
