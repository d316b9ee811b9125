// Pictures in tiles for Winograd's filtering (winograd.h): squares of 4 x 4 results, each from a window of 6 x 6 pixels. Channels last.
#pragma once
#include <algorithm>
#include <cstdint>

namespace sconce {

struct Tiling {
    static constexpr int64_t Square = 4, Window = 6, Pixels = Square * Square, Positions = Window * Window;
    static constexpr int64_t Apart = 16;                   // floats between positions: their tiles do not compete for the same lines of the cache
    static constexpr int64_t Block = int64_t{2} << 20;     // bytes of transformed tiles and of products at a time: they stay in the cache
    static constexpr int64_t ManyTiles = 64;               // for fewer in a block it is twice as large: each block reads all weights

    int64_t batch, rows, columns, above, before;   // of pictures, and the zeros put above and to the left of them
    int64_t result_rows, result_columns;

    int64_t down() const { return (result_rows + Square - 1) / Square; }
    int64_t across() const { return (result_columns + Square - 1) / Square; }
    int64_t count() const { return batch * down() * across(); }

    // How many tiles a block has, of this many channels before and after the product together: blocks of nearly one size.
    int64_t most(int64_t channels) const {
        int64_t tile = Positions * channels * static_cast<int64_t>(sizeof(float)), block = Block / tile < ManyTiles ? 2 * Block : Block;
        int64_t blocks = std::max<int64_t>(1, count() * tile / block);
        return (count() + blocks - 1) / blocks;
    }

    // Where the 36 pixels of a tile's window are; those beyond the picture are at `outside`.
    template <typename T>
    void window(T* pictures, int64_t channels, int64_t tile, T* outside, T** pixels) const {
        table<Window>(pictures, channels, tile, rows, columns, above, before, outside, pixels);
    }

    // Where its 16 results are.
    template <typename T>
    void square(T* results, int64_t channels, int64_t tile, T* outside, T** pixels) const {
        table<Square>(results, channels, tile, result_rows, result_columns, 0, 0, outside, pixels);
    }

private:
    template <int64_t Side, typename T>
    void table(T* pictures, int64_t channels, int64_t tile, int64_t height, int64_t width, int64_t up, int64_t back, T* outside, T** pixels) const {
        int64_t picture = tile / (down() * across()), top = tile / across() % down() * Square - up, left = tile % across() * Square - back;
        for (int64_t y = top; y < top + Side; y++) {
            for (int64_t x = left; x < left + Side; x++) *pixels++ = y < 0 || y >= height || x < 0 || x >= width ? outside : pictures + ((picture * height + y) * width + x) * channels;
        }
    }
};

}  // namespace sconce
