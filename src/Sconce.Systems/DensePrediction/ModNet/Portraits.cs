using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.DensePrediction.ModNet;

/// <summary>Pictures with their mattes.</summary>
/// <param name="Images"><c>(N, 3, 64, 64)</c> in [-1, 1].</param>
/// <param name="Mattes"><c>(N, 1, 64, 64)</c> in [0, 1].</param>
/// <param name="Trimaps">0 for background, ½ for unknown, 1 for person, of the mattes' shape.</param>
internal sealed record PortraitBatch(Tensor Images, Tensor Mattes, Tensor Trimaps) : ITensorContainer
{
    public IEnumerable<Tensor> Tensors => [Images, Mattes, Trimaps];
}

/// <summary>
/// Drawn portraits: a head, a body and a fringe of hair with opacities between, before noise of low frequency and two discs of the
/// person's own texture.
/// </summary>
internal static class Portraits
{
    internal const int Side = 64;

    internal static PortraitBatch Sample(int count, Generator generator)
    {
        using var scope = new TensorScope();
        var place = ((Tensor.Arange(Side).To(DType.Float32) + 0.5) / Side * 2) - 1;
        Tensor x = place.Reshape([1, 1, 1, -1]), y = place.Reshape([1, 1, -1, 1]);

        Tensor centreX = Between(-0.25, 0.25), centreY = Between(-0.3, 0);
        Tensor radiusX = Between(0.22, 0.32), radiusY = Between(0.28, 0.4);
        Tensor acrossHead = (x - centreX) / radiusX, downHead = (y - centreY) / radiusY;
        var fromHead = (acrossHead.Square() + downHead.Square()).Sqrt();
        var head = ((1 - fromHead) * 14).Sigmoid();

        Tensor acrossBody = (x - centreX) / Between(0.4, 0.6), downBody = (y - Between(0.85, 1.05)) / Between(0.5, 0.65);
        var body = ((1 - (acrossBody.Square() + downBody.Square()).Sqrt()) * 14).Sigmoid();

        // Strands stand off the head; between them one sees through.
        var angle = downHead.Atan2(acrossHead);
        var strands = ((angle * Between(7, 13)) + Between(0, 6.28)).Sin() * 0.5 + 0.5;
        var above = ((centreY + (radiusY * 0.2) - y) * 12).Sigmoid();
        var hair = (1 - ((fromHead - 1) / (0.12 + (strands * 0.4)))).Clamp(0, 1) * above;
        var matte = head.Maximum(body).Maximum(hair * (0.45 + (strands * 0.5))).Clamp(0, 1);
        matte = Functional.Where(matte < 0.02, matte.ZerosLike(), Functional.Where(matte > 0.98, matte.OnesLike(), matte));

        var person = (Noise(16) * 0.35) + Tint();
        var behind = (Noise(6) * 0.8) + (Tint() * 0.6);
        for (int k = 0; k < 2; k++)
        {
            Tensor discX = x - Between(-0.9, 0.9), discY = y - Between(-0.9, 0.3);
            var disc = ((Between(0.12, 0.22) - (discX.Square() + discY.Square()).Sqrt()) * 40).Sigmoid();
            behind = (behind * (1 - disc)) + (person * disc);
        }

        var images = ((person * matte) + (behind * (1 - matte))).Clamp(-1, 1);
        return scope.Keep(new PortraitBatch(images, matte, MatteTrimap.Of(matte, 2)));

        Tensor Between(double low, double high) => Tensor.Empty([count, 1, 1, 1], DType.Float32).UniformInPlace(low, high, generator);

        Tensor Tint() => Tensor.Empty([count, 3, 1, 1], DType.Float32).UniformInPlace(-0.6, 0.6, generator);

        Tensor Noise(int cells) => Functional.Interpolate(
            Tensor.Empty([count, 3, cells, cells], DType.Float32).UniformInPlace(-1, 1, generator), [Side, Side], Interpolation.Bilinear);
    }
}
