using Sconce.Sampling;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>
/// Draws codes one after the other. CompVis/taming-transformers@3ba01b2 mingpt.py sample_with_past, scripts/make_samples.py.
/// </summary>
public static class CodeSampling
{
    /// <summary>What follows a sequence: <c>(N, t) -> (N, count)</c>.</summary>
    /// <param name="gpt">The transformer.</param>
    /// <param name="tokens">What stands before; one token a row at least.</param>
    /// <param name="count">How many are drawn.</param>
    /// <param name="sampler">How one is drawn.</param>
    /// <param name="chance">As <see cref="TokenSampler.Draw"/> takes it.</param>
    public static Tensor Continue(Gpt gpt, Tensor tokens, int count, TokenSampler sampler, IReadOnlyList<Generator>? chance = null)
    {
        using var scope = new TensorScope();
        var open = Tensor.Full([tokens.Size(0), count], -1, DType.Int64).To(tokens.Device);
        return scope.Keep(Fill(gpt, tokens, open, sampler, chance));
    }

    /// <summary>Codes with those drawn that are open: <c>(N, count) -> (N, count)</c>; keys and values of what was read are kept.</summary>
    /// <param name="gpt">The transformer.</param>
    /// <param name="tokens">What stands before, <c>(N, t)</c>; one token a row at least.</param>
    /// <param name="codes">-1 where a code is open, in the same places of each row.</param>
    /// <param name="sampler">How one is drawn.</param>
    /// <param name="chance">As <see cref="TokenSampler.Draw"/> takes it.</param>
    /// <param name="drawn">Told how many codes there are.</param>
    /// <param name="known">How many of the tokens are codes, the first ones; null for all.</param>
    public static Tensor Fill(
        Gpt gpt, Tensor tokens, Tensor codes, TokenSampler sampler, IReadOnlyList<Generator>? chance = null,
        Action<int>? drawn = null, int? known = null)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var cache = gpt.Cache();
        bool[] isOpen = Open(codes);
        var unread = new List<Tensor> { tokens };
        var all = new Tensor[isOpen.Length];
        for (int k = 0; k < all.Length; k++)
        {
            using var step = new TensorScope();
            if (isOpen[k])
            {
                var logits = gpt.Continue(Tensor.Cat([.. unread], 1), cache);
                all[k] = step.Keep(sampler.Draw(Last(logits, known), chance ?? [])); // (N, 1)
                unread.Clear();
            }
            else
            {
                all[k] = step.Keep(codes.Narrow(1, k, 1));
            }

            unread.Add(all[k]);
            drawn?.Invoke(k + 1);
        }

        return scope.Keep(all.Length == 0 ? codes * 1 : Tensor.Cat(all, 1));
    }

    /// <summary>
    /// A grid larger than the transformer has seen: each code is drawn from a square window of those around it, in whose middle it stands
    /// but at the edges. 2012.09841 figure 3.
    /// </summary>
    /// <param name="gpt">The transformer.</param>
    /// <param name="condition">
    /// Tokens before each window's codes, <c>(N, t)</c>, or a grid of them <c>(N, H, W)</c>, of which each window takes its part.
    /// </param>
    /// <param name="codes">The grid <c>(N, H, W)</c>, -1 where a code is open, in the same places of each grid.</param>
    /// <param name="window">The window's side.</param>
    /// <param name="sampler">How a code is drawn.</param>
    /// <param name="chance">As <see cref="TokenSampler.Draw"/> takes it.</param>
    /// <param name="drawn">Told how many codes there are.</param>
    /// <param name="known">As <see cref="Fill"/> takes it.</param>
    /// <exception cref="ArgumentException">The grid is smaller than the window.</exception>
    public static Tensor SlidingWindow(
        Gpt gpt, Tensor condition, Tensor codes, int window, TokenSampler sampler, IReadOnlyList<Generator>? chance = null,
        Action<int>? drawn = null, int? known = null)
    {
        int height = (int)codes.Size(1), width = (int)codes.Size(2);
        if (height < window || width < window)
        {
            throw new ArgumentException($"a grid of {height} by {width} codes is smaller than the window of {window}");
        }

        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        bool[] isOpen = Open(codes.Flatten(1));
        var grid = codes.Clone();
        for (int place = 0; place < isOpen.Length; place++)
        {
            if (!isOpen[place]) continue;
            using var step = new TensorScope();
            int row = place / width, column = place % width;
            int top = row - Local(row, height, window), left = column - Local(column, width, window);
            var before = condition.Dimensions == 3 ? Window(condition, top, left, window) : condition;
            int seen = ((row - top) * window) + column - left; // codes of the window before this one
            var sequence = Tensor.Cat([before, Window(grid, top, left, window).Narrow(1, 0, seen)], 1);
            var logits = Last(gpt.Call(sequence), known);
            grid[.., row, column] = sampler.Draw(logits, chance ?? []).Squeeze(1);
            drawn?.Invoke(place + 1);
        }

        return scope.Keep(grid);
    }

    /// <summary>Where a place stands in its window: in the middle, or as far from the edge as the window's end requires.</summary>
    internal static int Local(int place, int size, int window)
    {
        int middle = window / 2;
        if (place <= middle) return place;
        return size - place < middle ? window - (size - place) : middle;
    }

    /// <summary>The logits behind the last token, of codes alone: <c>(N, t, Vocabulary) -> (N, known)</c>.</summary>
    private static Tensor Last(Tensor logits, int? known)
    {
        var last = logits.Select(1, -1);
        return known is { } count && count < last.Size(1) ? last.Narrow(1, 0, count) : last;
    }

    private static bool[] Open(Tensor codes) => codes.Select(0, 0).Lt(0).Cpu().ToArray<bool>();

    private static Tensor Window(Tensor grid, int top, int left, int side) => grid.Narrow(1, top, side).Narrow(2, left, side).Flatten(1);
}
