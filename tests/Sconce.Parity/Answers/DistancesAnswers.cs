using Sconce.Maths.Distances;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>The measures: figures by the rows' own code, those with gradients by tensors, and the two held together.</summary>
internal sealed class DistancesAnswers : ParityAnswers
{
    internal override string System => "distances";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "real_distances" => ParityAnswer.Of(inputs => Real(inputs["a"], inputs["b"], config.Double("p"))),
            "binary_distances" => ParityAnswer.Of(inputs => Binary(inputs["a"], inputs["b"])),
            "haversine" => ParityAnswer.Of(inputs => Sphere(inputs["p"], inputs["q"], config.Double("radius_km"))),
            _ => null,
        };
    }

    private static Dictionary<string, Tensor> Real(Tensor a, Tensor b, double p)
    {
        Dictionary<string, Tensor> answers = new()
        {
            ["euclidean"] = TensorDistances.Euclidean(a, b),
            ["cosine_similarity"] = TensorDistances.CosineSimilarity(a, b),
            ["manhattan"] = TensorDistances.Manhattan(a, b),
            ["chebyshev"] = TensorDistances.Chebyshev(a, b),
            ["minkowski"] = TensorDistances.Minkowski(a, b, p),
        };
        Agree(answers["euclidean"], new Euclidean(), a, b);
        Agree(1 - answers["cosine_similarity"], new Cosine(), a, b);
        Agree(answers["manhattan"], new Manhattan(), a, b);
        Agree(answers["chebyshev"], new Chebyshev(), a, b);
        Agree(answers["minkowski"], new Minkowski(p), a, b);
        return answers;
    }

    private static Dictionary<string, Tensor> Binary(Tensor a, Tensor b)
    {
        Tensor jaccard = Rows(new Jaccard(), a, b), dice = Rows(new Dice(), a, b);
        return new()
        {
            ["hamming_count"] = Rows(new Hamming(counts: true), a, b),
            ["hamming"] = Rows(new Hamming(), a, b),
            ["jaccard_index"] = 1 - jaccard,
            ["jaccard_distance"] = jaccard,
            ["dice"] = 1 - dice,
            ["dice_distance"] = dice,
        };
    }

    private static Dictionary<string, Tensor> Sphere(Tensor p, Tensor q, double radius)
    {
        var scale = Tensor.From([90.0, 180.0]);
        Tensor from = p.To(DType.Float64) * scale, to = q.To(DType.Float64) * scale;
        var kilometres = TensorDistances.Haversine(from * (Math.PI / 180), to * (Math.PI / 180), radius);
        Agree(kilometres, new Haversine(radius), from, to);
        return new() { ["out"] = (kilometres / 1000).Float() };
    }

    private static void Agree(Tensor answer, Measure measure, Tensor a, Tensor b)
    {
        double away = (answer.Detach().To(DType.Float64) - Rows(measure, a, b)).Abs().Max().Item<double>();
        double size = answer.Detach().Abs().Max().To(DType.Float64).Item<double>();
        if (!(away <= 1e-5 * Math.Max(1, size))) throw new InvalidOperationException($"{measure}: rows and tensors differ by {away}");
    }

    private static Tensor Rows(Measure measure, Tensor a, Tensor b)
    {
        DistanceRows Prepared(Tensor rows) => new(measure, rows.Detach().To(DType.Float64).ToArray<double>(), (int)rows.Size(1));
        return Tensor.From(DistanceTable.Paired(Prepared(a), Prepared(b)));
    }
}
