using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>What a method with two players does its own way; all else is <see cref="AdversarialRun"/>'s.</summary>
/// <param name="Method">The method, whose settings are <see cref="IAdversarialSettings"/>.</param>
public sealed record AdversarialPlan(TrainingMethod Method)
{
    /// <summary>What both players see where nothing is asked: <c>color,translation</c>, or <c>none</c>.</summary>
    public string Augment { get; init; } = "none";

    /// <summary>What both players are called in a line that says what is trained; null for how they see pictures.</summary>
    public Func<IAdversarialSettings, string>? Describe { get; init; }

    /// <summary>What the method wants where nothing is asked, before the common defaults; told whether the generator has styles.</summary>
    public Func<IAdversarialSettings, bool, IAdversarialSettings> Begin { get; init; } = (settings, _) => settings;

    /// <summary>Settles what the method adds and what it wants otherwise, over what is settled already.</summary>
    public Func<IAdversarialSettings, AdversarialNetworks, IAdversarialSettings> Settle { get; init; } = (settings, _) => settings;

    /// <summary>Makes the discriminator of a generator, where it is not the card's.</summary>
    public Func<IAdversarialSettings, Module, Module<Tensor, Tensor>>? Opponent { get; init; }

    /// <summary>Whether the generator's rate is lowered as if path lengths were penalised, though they are not (CIPS).</summary>
    public bool SlowsGenerator { get; init; }

    /// <summary>Makes the program.</summary>
    public Func<AdversarialParts, AdversarialProgram> Program { get; init; } =
        parts => new AdversarialProgram(parts.Generator, parts.Discriminator, parts.Rules, parts.Device) { Nearest = parts.Nearest };

    /// <summary>Further figures of each evaluation, beside <c>fid</c> and <c>spread</c>.</summary>
    public IReadOnlyList<string> Figures { get; init; } = [];
}

/// <summary>Both networks of a run.</summary>
/// <param name="Generator"><c>(N, latent) -> (N, Channels, Side, Side)</c></param>
/// <param name="Discriminator"><c>(N, Channels, Side, Side) -> (N) or (N, 1)</c></param>
/// <param name="Channels">1 or 3.</param>
/// <param name="HasStyles">Whether the generator is an <see cref="Nn.Backbones.IStyleNetwork"/>.</param>
public sealed record AdversarialNetworks(Module Generator, Module Discriminator, int Channels, bool HasStyles);

/// <summary>What a program is made of.</summary>
/// <param name="Generator">Over the generator.</param>
/// <param name="Discriminator">Over its discriminator.</param>
/// <param name="Rules">Losses, augmentation, penalties.</param>
/// <param name="Configuration">Settled.</param>
/// <param name="Device">Where both are.</param>
/// <param name="Nearest">Pictures of the data that painted ones resemble most.</param>
/// <param name="Create">Makes two networks again, with other first weights; whoever asks disposes them.</param>
public sealed record AdversarialParts(
    Player Generator,
    Player Discriminator,
    AdversarialRules Rules,
    RunConfiguration Configuration,
    Device Device,
    Func<Tensor, Tensor> Nearest,
    Func<(Module Generator, Module Discriminator)> Create);
