using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Training;

namespace Sconce.Cli.Output;

/// <summary>A system in <c>list --json</c>.</summary>
internal sealed record SystemJson(string Name, string Title, string Week, string Task, string Summary, Paper Paper, IReadOnlyList<string> Networks, bool HasClaim, bool Predicts)
{
    public static SystemJson Of(NewsletterSystem system)
    {
        var card = system.Card;
        return new(card.Name, card.Title, card.Week, TaskNames.Of(card.Task), card.Summary, card.Paper, [.. system.Variants.Select(variant => variant.Name)], system.Claim is not null, system.Predictor is not null);
    }
}

/// <summary>A system in <c>show --json</c>.</summary>
internal sealed record SystemDetailJson(string Name, string Title, string Week, string Task, string Summary, Paper Paper, IReadOnlyList<ModelJson> Networks, ClaimCardJson? Claim, IReadOnlyList<MethodJson> Methods, PredictorJson? Predictor)
{
    public static SystemDetailJson Of(NewsletterSystem system)
    {
        var card = system.Card;
        return new(
            card.Name, card.Title, card.Week, TaskNames.Of(card.Task), card.Summary, card.Paper,
            [.. system.Variants.Select(variant => ModelJson.Of(system, variant))],
            system.Claim is { } claim ? ClaimCardJson.Of(claim) : null,
            [.. system.Methods.Select(MethodJson.Of)],
            system.Predictor is { } predictor ? new PredictorJson(predictor.Purpose, [.. predictor.Options.Select(option => new OptionJson(option.Name, option.Help))]) : null);
    }
}

/// <summary>A network.</summary>
internal sealed record ModelJson(string Name, string System, string Description, long? Parameters, int Classes, IReadOnlyList<long> InputShape, string Head, IReadOnlyList<WeightsJson> Weights)
{
    public static ModelJson Of(NewsletterSystem system, ModelVariant variant) => new(
        variant.Name, system.Card.Name, variant.Description, variant.Parameters > 0 ? variant.Parameters : null, variant.Classes, variant.InputShape, variant.Head,
        [.. variant.Weights.Select(weights => new WeightsJson(weights.Address.ToString(), weights.Sha256, weights.Licence, weights.Note))]);
}

/// <summary>Published weights.</summary>
internal sealed record WeightsJson(string Address, string Sha256, string Licence, string Note);

/// <summary>A claim before it is run.</summary>
internal sealed record ClaimCardJson(string Statement, string Rule, double Seconds, int Seeds, string? DataFormat)
{
    public static ClaimCardJson Of(Claim claim) => new(claim.Statement, claim.Rule, claim.Duration.TotalSeconds, claim.DefaultSeeds, claim.DataFormat);
}

/// <summary>A way of training that a system brings: <c>sconce train --method NAME</c>.</summary>
internal sealed record MethodJson(string Name, string Purpose, IReadOnlyList<MethodOptionJson> Options)
{
    public static MethodJson Of(TrainingMethod method) => new(method.Name, method.Purpose, [.. method.Options.Select(option => new MethodOptionJson(option.Typed[2..], option.Help, option.Default, option.Range))]);
}

/// <summary>An option of a method of training; the default is null where there is none.</summary>
internal sealed record MethodOptionJson(string Name, string Help, string? Default, string Range);

/// <summary>What a system predicts.</summary>
internal sealed record PredictorJson(string Purpose, IReadOnlyList<OptionJson> Options);

/// <summary>An option of a predictor.</summary>
internal sealed record OptionJson(string Name, string Help);
