using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Classification.MicroNet;

/// <summary>A linear layer, batch normalisation and a hard swish. <c>(N, inputs) -> (N, outputs)</c>; backbone/micronet.py
/// <c>SwishLinear</c>.</summary>
internal sealed partial class SwishLinear(int inputs, int outputs) : Module<Tensor, Tensor>
{
    Sequential Linear { get; } = new(new Linear(inputs, outputs), new BatchNorm1d(outputs), new HardSwish());

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => Linear.Call(x);
}

/// <summary>
/// MicroNet: a stem, micro-blocks, a global mean and a classifier whose logits pass a norm and a hard swish.
/// <c>(N, 3, H, W) -> (N, classes)</c> logits, or <c>(N, head width)</c> features; 2108.05894, liyunsheng13/micronet@ed89b26
/// backbone/micronet.py, with its keys.
/// </summary>
public sealed partial class MicroNet : Module<Tensor, Tensor>
{
    /// <summary>The official initial weights: convolutions normal by fan-out, linear layers normal of deviation 0.01.</summary>
    /// <exception cref="ArgumentException">No row, or channels that do not divide into a row's groups.</exception>
    public MicroNet(MicroNetConfig config)
    {
        if (config.Rows.Count == 0) throw new ArgumentException("a MicroNet has one row at least", nameof(config));
        if (config.StemGroups.First * config.StemGroups.Second != config.StemChannels)
        {
            throw new ArgumentException($"MicroNet: the stem's groups {config.StemGroups} do not make its {config.StemChannels} channels",
                nameof(config));
        }

        Features = new Sequential(new MicroStem(3, config.StemGroups));
        int width = config.StemChannels;
        foreach (var row in config.Rows)
        {
            for (int k = 0; k < row.Repeats; k++)
            {
                Features.Add(new MicroBlock(config, row, width, k == 0 ? row.Stride : 1));
                width = row.Second.Second == 0 ? row.Hidden(width) : row.Outputs;
            }
        }

        Avgpool = new Sequential(new Relu6(), new GlobalAvgPool2d(), new HardSwish());
        Classifier = new Sequential(new SwishLinear(width, config.HeadWidth));
        if (config.Classes > 0)
        {
            Classifier.Add(new Dropout(config.Dropout));
            Classifier.Add(new SwishLinear(config.HeadWidth, config.Classes));
        }

        Initialize();
    }

    /// <summary>The stem and the blocks.</summary>
    public Sequential Features { get; }

    /// <summary>ReLU6, the mean of each map, hard swish: <c>(N, C, H, W) -> (N, C)</c>.</summary>
    public Sequential Avgpool { get; }

    /// <summary>Two layers; one in a network without classes.</summary>
    public Sequential Classifier { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pictures) => pictures.Through(Features, Avgpool, Classifier);

    private void Initialize()
    {
        foreach (var (_, module) in NamedModules())
        {
            switch (module)
            {
                case Conv2d convolution:
                    Init.Normal(convolution.Weight,
                        Math.Sqrt(2.0 / (convolution.Weight.Size(0) * convolution.Weight.Size(2) * convolution.Weight.Size(3))));
                    break;
                case Linear linear:
                    Init.Normal(linear.Weight, 0.01);
                    Init.Constant(linear.Bias!, 0);
                    break;
            }
        }
    }
}
