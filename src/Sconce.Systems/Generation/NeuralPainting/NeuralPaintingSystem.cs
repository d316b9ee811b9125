using Sconce.Abilities;
using Sconce.Adversarial;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Export;
using Sconce.Networks;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>The card of stylized neural painting.</summary>
public sealed class NeuralPaintingSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "neural_painting",
        "Stylized neural painting",
        "2020-W47",
        SystemTask.Generation,
        new Paper("Stylized Neural Painting", "Zou, Shi, Qiu, Yuan, Shi", 2020, "2011.08114", "jiupinjia/stylized-neural-painting@e7a66b2"),
        "Paints a photo as a sequence of brush strokes, found by gradient descent through a network that imitates the brush; being "
        + "vectors, they are drawn at any size.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants { get; } =
    [
        Renderer("oilpaintbrush", Brush.Oil, "an oil brush", 18_093_044),
        Renderer("watercolor", Brush.Watercolor, "watercolour", 18_119_156),
        Renderer("markerpen", Brush.Marker, "a marker pen", 18_094_580),
        Renderer("rectangle", Brush.Tape, "colour tapes", 18_068_468),
        Renderer("oilpaintbrush_light", Brush.Oil, "an oil brush, on 32 px", 5_373_004, light: true),
        Renderer("watercolor_light", Brush.Watercolor, "watercolour, on 32 px", 5_399_116, light: true),
        Renderer("markerpen_light", Brush.Marker, "a marker pen, on 32 px", 5_374_540, light: true),
        Renderer("rectangle_light", Brush.Tape, "colour tapes, on 32 px", 5_348_428, light: true),
    ];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new NeuralPaintingClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new RendererMethod()];

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [new Paint()];

    /// <inheritdoc/>
    public override IReadOnlyList<Verb> DefaultFor => [Verb.Paint];

    private static ModelVariant Renderer(string name, Brush brush, string what, long parameters, bool light = false) =>
        new(name, $"The two-path network that imitates {what}", _ => new FusionRenderer(brush, light))
        {
            Capabilities =
            [
                new TensorInput(brush.Width),
                new StrokePainter(brush),
                new Exercise((module, batch) => ((FusionRenderer)module).Call(Tensor.Rand([batch, brush.Width]))),
                new Exportable(module =>
                [
                    new ExportFunction(
                        "",
                        [new ExportInput("strokes", [brush.Width], batch => Tensor.Rand([batch, brush.Width]))],
                        ["foreground", "alpha"],
                        inputs => [.. ((FusionRenderer)module).Call(inputs[0]).Tensors]),
                ]),
            ],
            Parameters = parameters,
            Load = static (module, path) => PlayerCheckpoint.Load(module, path, "model_G_state_dict"),
        };
}
