using System.Text.Json;

namespace Sconce.Data;

/// <summary>An object's outline as its annotation has it; pixels are made of it when they are asked for.</summary>
internal abstract record Segmentation
{
    internal abstract RunLengthMask Mask(int width, int height);

    /// <summary>COCO's <c>segmentation</c>: a list of polygons, or <c>{"size": [height, width], "counts": […] or "…"}</c>.</summary>
    /// <exception cref="DataException">It is neither, or does not fit the picture; the message begins with no place.</exception>
    internal static Segmentation Read(JsonElement element, int width, int height) => element.ValueKind switch
    {
        JsonValueKind.Array => new PolygonSegmentation(Polygons(element, width, height)),
        JsonValueKind.Object => new RunLengthSegmentation(Runs(element, width, height)),
        _ => throw new DataException("'segmentation' must be a list of polygons, or an object with 'size' and 'counts'"),
    };

    private static double[][] Polygons(JsonElement list, int width, int height)
    {
        // Programs that know the box alone leave empty polygons.
        JsonElement[] given = [.. list.EnumerateArray()
            .Where(polygon => polygon.ValueKind != JsonValueKind.Null
            && !(polygon.ValueKind == JsonValueKind.Array && polygon.GetArrayLength() == 0))];
        if (given.Length == 0) throw new DataException("'segmentation' has no polygon");
        var polygons = new double[given.Length][];
        for (int k = 0; k < polygons.Length; k++)
        {
            string what = polygons.Length > 1 ? $"polygon {k + 1} of its mask" : "the polygon of its mask";
            double?[] numbers = given[k].ValueKind == JsonValueKind.Array ? [.. given[k].EnumerateArray().Select(AnnotationValues.Real)]
                : [null];
            if (numbers.Contains(null)) throw new DataException($"{what} is no list of numbers");
            polygons[k] = [.. numbers.Select(number => number!.Value)];
            PolygonRaster.Check(polygons[k], width, height, what);
        }

        PolygonRaster.CheckLength(polygons, "its mask");

        return polygons;
    }

    private static RunLengthMask Runs(JsonElement mask, int width, int height)
    {
        long?[] size = AnnotationValues.Find(mask, "size") is { ValueKind: JsonValueKind.Array } list
            ? [.. list.EnumerateArray().Select(AnnotationValues.Whole)] : [];
        if (size is not [{ } tall, { } wide]) throw new DataException("its mask has no 'size' of two whole numbers: height, width");
        if (tall != height
            || wide != width) throw new DataException($"its mask is of {wide} x {tall} pixels, its picture of {width} x {height}");
        if (!mask.TryGetProperty("counts", out var counts)) throw new DataException("its mask has no 'counts'");
        return counts.ValueKind switch
        {
            JsonValueKind.String =>
                RunLengthMask.Parse(width, height,
                AnnotationValues.Plain(counts)
                ?? throw new DataException($"'counts' of its mask is {AnnotationValues.Shown(counts)}, which holds half a character")),
            JsonValueKind.Array => RunLengthMask.FromRuns(width, height, [.. counts.EnumerateArray().Select(Run)]),
            _ => throw new DataException("'counts' of its mask must be a list of runs, or a text"),
        };
    }

    private static int Run(JsonElement run) =>
        AnnotationValues.Whole(run) is >= int.MinValue and <= int.MaxValue and var length ? (int)length
            : throw new DataException($"'counts' of its mask holds {run.GetRawText()}, which is no run's length");
}

/// <summary>Corners of one or several polygons.</summary>
internal sealed record PolygonSegmentation(double[][] Polygons) : Segmentation
{
    internal override RunLengthMask Mask(int width, int height) => RunLengthMask.FromPolygons(width, height, Polygons);
}

/// <summary>Runs.</summary>
internal sealed record RunLengthSegmentation(RunLengthMask Runs) : Segmentation
{
    internal override RunLengthMask Mask(int width, int height) => Runs;
}
