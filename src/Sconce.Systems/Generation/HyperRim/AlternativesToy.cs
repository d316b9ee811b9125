using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.HyperRim;

/// <summary>
/// Questions of many answers: grey squares of 8 x 8 with one of three patterns of single pixels; shrunk by four, they show their grey and
/// hide the pattern.
/// </summary>
internal static class AlternativesToy
{
    public const int Side = 8, Small = 2;
    private const float Contrast = 0.25f;

    /// <summary>Questions <c>(N, 1, 2, 2)</c> and answers <c>(N, 1, 8, 8)</c>.</summary>
    public static (Tensor Inputs, Tensor Targets) Draw(int count, Random random)
    {
        var answers = new float[count * Side * Side];
        for (int k = 0; k < count; k++)
        {
            float grey = 0.25f + (0.5f * random.NextSingle());
            int pattern = random.Next(3);
            for (int y = 0; y < Side; y++)
            {
                for (int x = 0; x < Side; x++)
                {
                    int stripe = pattern switch { 0 => x, 1 => y, _ => x + y };
                    answers[(((k * Side) + y) * Side) + x] = grey + (stripe % 2 == 0 ? Contrast : -Contrast);
                }
            }
        }

        var targets = Tensor.From(answers, [count, 1, Side, Side]);
        return (targets.AvgPool2d([Side / Small, Side / Small], [Side / Small, Side / Small]), targets);
    }
}

/// <summary>A question and a code to an answer: <c>(N, 1, 2, 2), (N, 8) -> (N, 1, 8, 8)</c>; the code scales and shifts features.</summary>
internal sealed partial class AlternativesNetwork : Module<Tensor, Tensor, Tensor>, IAnswersOfPictures
{
    public const int Code = 8;
    private const int Width = 32;

    private static readonly Relu Activation = new();
    private static readonly Upsample Doubled = new(2.0);

    public Conv2d Conv1 { get; } = new(1, Width, 3, 1, 1);

    public Conv2d Conv2 { get; } = new(Width, Width, 3, 1, 1);

    public Conv2d Conv3 { get; } = new(Width, Width, 3, 1, 1);

    public Conv2d Conv4 { get; } = new(Width, Width, 3, 1, 1);

    public Conv2d Last { get; } = new(Width, 1, 3, 1, 1);

    public Linear Style { get; } = new(Code, 2 * Width);

    /// <summary>Of a picture in colours its grey is asked.</summary>
    Tensor IAnswersOfPictures.Answer(Tensor picture, Generator generator)
    {
        var code = Tensor.Randn([picture.Size(0), Code], generator).To(picture.Device);
        return Call(picture.Mean([1], keepdim: true), code).Expand([-1, 3, -1, -1]);
    }

    protected override Tensor Forward(Tensor question, Tensor code)
    {
        var style = Style.Call(code).Unsqueeze(2).Unsqueeze(3);
        var features = question.Through(Conv1, Activation, Conv2);
        features = (features * (style.Narrow(1, 0, Width) + 1)) + style.Narrow(1, Width, Width);
        return features.Through(Activation, Doubled, Conv3, Activation, Doubled, Conv4, Activation, Last);
    }
}
