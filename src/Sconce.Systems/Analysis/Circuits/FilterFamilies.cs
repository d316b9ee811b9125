using Sconce.Torch;

namespace Sconce.Systems.Analysis.Circuits;

/// <summary>The filter that another one is most like, once turned or mirrored.</summary>
/// <param name="Filter">Whose.</param>
/// <param name="Other">Which.</param>
/// <param name="Form">Quarter turns counter-clockwise of the first, and from 4 on mirrored after them.</param>
/// <param name="Cosine">Of the turned first and the other.</param>
internal readonly record struct FilterLikeness(int Filter, int Other, int Form, double Cosine)
{
    /// <summary>The form in words.</summary>
    public string Relation => (Form % 4, Form >= 4) switch
    {
        (0, false) => "alike",
        (var quarters, false) => $"turned by {90 * quarters}°",
        (0, true) => "mirrored",
        var (quarters, _) => $"turned by {90 * quarters}° and mirrored",
    };
}

/// <summary>Families of filters that are turned or mirrored forms of each other; doi 10.23915/distill.00024.004.</summary>
internal static class FilterFamilies
{
    private const int Forms = 8;

    /// <summary>For each filter the other one that it is most like in a form that is not its own. <c>(filters, C, k, k)</c></summary>
    public static IReadOnlyList<FilterLikeness> Nearest(Tensor filters)
    {
        double[,,] cosines = Cosines(filters);
        int count = cosines.GetLength(0);
        var nearest = new FilterLikeness[count];
        for (int one = 0; one < count; one++)
        {
            var best = new FilterLikeness(one, one, 0, double.NegativeInfinity);
            for (int form = 1; form < Forms; form++)
            {
                for (int other = 0; other < count; other++)
                {
                    if (other != one && cosines[one, form, other] > best.Cosine) best = new(one, other, form, cosines[one, form, other]);
                }
            }

            nearest[one] = best;
        }

        return nearest;
    }

    /// <summary>Filters joined by likenesses above a cosine, largest family first; single ones are left out.</summary>
    public static IReadOnlyList<IReadOnlyList<int>> Joined(IReadOnlyList<FilterLikeness> nearest, double least)
    {
        int[] leader = [.. Enumerable.Range(0, nearest.Count)];
        int Root(int k) => leader[k] == k ? k : leader[k] = Root(leader[k]);
        foreach (var likeness in nearest.Where(likeness => likeness.Cosine >= least)) leader[Root(likeness.Filter)] = Root(likeness.Other);
        return
        [
            .. Enumerable.Range(0, nearest.Count).GroupBy(Root).Where(family => family.Count() > 1)
                .OrderByDescending(family => family.Count()).Select(family => (IReadOnlyList<int>)[.. family]),
        ];
    }

    /// <summary>
    /// Four filters that are each other's quarter turns, in their order: found greedily, each in one quadruple at most.
    /// </summary>
    /// <param name="filters"><c>(filters, C, k, k)</c></param>
    /// <param name="least">The least cosine of a filter's turn with the next filter.</param>
    public static IReadOnlyList<int[]> Quarters(Tensor filters, double least)
    {
        double[,,] cosines = Cosines(filters);
        int count = cosines.GetLength(0);
        var free = new HashSet<int>(Enumerable.Range(0, count));
        var found = new List<int[]>();
        for (int first = 0; first < count; first++)
        {
            if (!free.Contains(first)) continue;
            int[] four = [first, -1, -1, -1];
            for (int turn = 1; turn < 4; turn++)
            {
                int next = free.Where(other => !four.Contains(other)).OrderByDescending(other => cosines[first, turn, other])
                    .FirstOrDefault(-1);
                if (next < 0 || cosines[first, turn, next] < least) break;
                four[turn] = next;
            }

            if (four[3] < 0) continue;
            free.ExceptWith(four);
            found.Add(four);
        }

        return found;
    }

    /// <summary>
    /// How circulant the weights between quadruples are: the filters that read them, with their inputs moved on by one and turned by a
    /// quarter, against the nearest other filter; then the same without moving the inputs. A mean of cosines, in [-1, 1].
    /// </summary>
    /// <param name="weights">Of the layer above, <c>(outputs, inputs, k, k)</c>.</param>
    /// <param name="inputs">Quadruples among its inputs.</param>
    public static (double Moved, double Unmoved) Circulance(Tensor weights, IReadOnlyList<int[]> inputs)
    {
        using var scope = new TensorScope();
        long[] order = [.. inputs.SelectMany(four => four).Select(index => (long)index)];
        long[] moved = [.. inputs.SelectMany(four => (int[])[four[3], four[0], four[1], four[2]]).Select(index => (long)index)];
        var plain = weights.IndexSelect(1, Tensor.From(order));
        return (
            Mean(weights.IndexSelect(1, Tensor.From(moved)).Rot90(1, [-2, -1]), plain),
            Mean(plain.Rot90(1, [-2, -1]), plain));
    }

    /// <summary>For each filter its best cosine with another one; the mean.</summary>
    private static double Mean(Tensor turned, Tensor plain)
    {
        var products = Unit(turned).Matmul(Unit(plain).T());
        var others = products - (Tensor.Eye(products.Size(0), products.DType) * 4);
        return others.Amax([1]).Mean().Item<double>();
    }

    private static Tensor Unit(Tensor filters)
    {
        var flat = filters.Flatten(1, -1).To(DType.Float64);
        return flat / flat.Norm(2, [-1], keepdim: true).ClampMin(1e-12);
    }

    /// <summary>Of every form of every filter with every filter.</summary>
    private static double[,,] Cosines(Tensor filters)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        int count = (int)filters.Size(0);
        var forms = Unit(FilterOrbits.Of(filters).Flatten(0, 1));
        double[] values = forms.Matmul(Unit(filters).T()).Cpu().ToArray<double>();
        var cosines = new double[count, Forms, count];
        System.Buffer.BlockCopy(values, 0, cosines, 0, values.Length * sizeof(double));
        return cosines;
    }
}
