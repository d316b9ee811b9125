using Sconce.Data;
using Sconce.Maths;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Detr;

/// <summary>Which queries of one picture answer for which of its objects, pair by pair, ascending by query.</summary>
/// <param name="Queries">Numbers of queries.</param>
/// <param name="Targets">Numbers of objects, as many.</param>
public sealed record Matching(IReadOnlyList<long> Queries, IReadOnlyList<long> Targets);

/// <summary>Decides which query answers for which object. Derive for another rule than one to one.</summary>
public abstract class QueryMatcher
{
    /// <summary>What a wrong class costs.</summary>
    public double ClassCost { get; init; } = 1;

    /// <summary>What one unit of absolute difference of the boxes costs.</summary>
    public double BoxCost { get; init; } = 5;

    /// <summary>What lost generalised IoU costs.</summary>
    public double GiouCost { get; init; } = 2;

    /// <summary>
    /// <c>BoxCost · |b - b̂|₁ - ClassCost · p(class) - GiouCost · GIoU(b, b̂)</c> of each query of each picture with each of the given
    /// objects; <c>logits (N, Q, C), boxes (N, Q, 4), labels (T), targets (T, 4) -> (N, Q, T)</c>; 2005.12872 §3.1, models/matcher.py.
    /// Probabilities, not their logarithms.
    /// </summary>
    public Tensor Cost(Tensor logits, Tensor boxes, Tensor labels, Tensor targets)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        long pictures = logits.Size(0), queries = logits.Size(1);
        var answers = boxes.Detach().Float().Flatten(0, 1); // (N·Q, 4)
        var wanted = targets.Float();
        var unlikely = -logits.Detach().Float().Flatten(0, 1).Softmax(-1).IndexSelect(1, labels); // (N·Q, T)
        var far = (answers.Unsqueeze(1) - wanted.Unsqueeze(0)).Abs().Sum([-1]);
        var apart = -Boxes.PairwiseGeneralizedIou(Boxes.ToCorners(answers), Boxes.ToCorners(wanted));
        return scope.Keep((far * BoxCost + unlikely * ClassCost + apart * GiouCost).View([pictures, queries, labels.Size(0)]));
    }

    /// <summary>Matches each picture's queries with its own objects.</summary>
    /// <param name="answer">Of one decoder layer.</param>
    /// <param name="targets">Of each picture.</param>
    /// <exception cref="TorchException">Not as many targets as pictures, or a cost that is no number.</exception>
    public IReadOnlyList<Matching> Match(DetrPrediction answer, IReadOnlyList<DetectionTarget> targets)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        int pictures = (int)answer.Logits.Size(0), queries = (int)answer.Logits.Size(1);
        if (targets.Count != pictures) throw new TorchException($"matching: {targets.Count} targets for {pictures} pictures");
        var matchings = new List<Matching>();
        for (int k = 0; k < pictures; k++)
        {
            int objects = (int)targets[k].Count;
            if (objects == 0)
            {
                matchings.Add(new Matching([], []));
                continue;
            }

            var place = TensorIndex.Slice(k, k + 1);
            double[] cost = Cost(answer.Logits[place], answer.Boxes[place], targets[k].Labels, targets[k].Boxes).To(DType.Float64)
                .ToArray<double>();
            if (!cost.All(double.IsFinite))
                throw new TorchException($"matching: a cost of picture {k} is no number: the network's answers or the boxes hold NaN or "
                    + $"infinity, or a box has no area and stands on a point");
            var pairs = Match(cost, queries, objects);
            matchings.Add(new Matching([.. pairs.Select(pair => (long)pair.Query)], [.. pairs.Select(pair => (long)pair.Target)]));
        }

        return matchings;
    }

    /// <summary>Matches one picture.</summary>
    /// <param name="cost">Query by query, queries × targets, finite.</param>
    /// <param name="queries">How many.</param>
    /// <param name="targets">How many, at least 1.</param>
    protected abstract IReadOnlyList<(int Query, int Target)> Match(ReadOnlySpan<double> cost, int queries, int targets);
}

/// <summary>The cheapest one-to-one matching: an object has one query, and all other queries answer for none. 2005.12872 equation
/// 1.</summary>
public sealed class HungarianMatcher : QueryMatcher
{
    /// <inheritdoc/>
    protected override IReadOnlyList<(int Query, int Target)> Match(ReadOnlySpan<double> cost, int queries, int targets) =>
        LinearAssignment.Solve(cost, queries, targets);
}
