using Sconce.Torch;
using Sconce.Video;

namespace Sconce.Systems.Video.TimeSformer;

/// <summary>Reads the frames of a clip out of a video.</summary>
internal static class ClipFrames
{
    /// <summary>Normalised, with their short side at the size: <c>(3, T, h, w)</c>.</summary>
    /// <param name="recipe">Which frames.</param>
    /// <param name="preprocessing">How they are prepared.</param>
    /// <param name="path">The video.</param>
    /// <param name="share">Where the clip begins, from 0, the video's begin, to 1, as late as it can.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="VideoException">The video cannot be read.</exception>
    internal static Tensor Tensor(
        TimeSformerRecipe recipe, ClipPreprocessing preprocessing, string path, double share, CancellationToken cancellation = default)
    {
        using var scope = new TensorScope();
        var info = VideoFrames.Probe(path, cancellation);
        long span = recipe.Rate is { } rate ? ClipSampling.Span(info.FrameRate, recipe.Config.Frames, rate) : 0;
        // What a file says of its length may be a little too much: it is believed only where that cannot matter.
        bool plenty = share == 0 && span > 0 && info.Frames > 2 * span;
        long available = plenty ? info.Frames!.Value : VideoFrames.Count(path, cancellation);
        long first = span > 0 ? (long)Math.Round(share * Math.Max(0, available - span)) : 0;
        long[] places = [.. recipe.Frames(available - first, info.FrameRate).Select(place => first + place)];
        return scope.Keep(Torch.Tensor.Stack([.. VideoFrames.Read(path, places, cancellation).Select(preprocessing.Frame)], 1));
    }
}
