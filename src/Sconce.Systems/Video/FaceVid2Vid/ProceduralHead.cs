using System.Numerics;
using Sconce.Torch;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>
/// A head that is known exactly: an ellipsoid in smooth random colours with eight landmarks, seen from any side without perspective.
/// </summary>
/// <param name="random">Draws shape and colours.</param>
internal sealed class ProceduralHead(Random random)
{
    internal const int Side = 32, Landmarks = 8;

    private const int Waves = 4;
    private readonly Vector3 radii = new(Between(random, 0.5, 0.65), Between(random, 0.65, 0.8), Between(random, 0.5, 0.65));
    private readonly float[] background = [random.NextSingle(), random.NextSingle(), random.NextSingle()];
    private readonly (Vector3 Direction, float Phase)[] waves =
    [
        .. Enumerable.Range(0, 3 * Waves).Select(_ => (
            new Vector3(Between(random, -6, 6), Between(random, -6, 6), Between(random, -6, 6)), 6.28f * random.NextSingle())),
    ];

    /// <summary>The head turned: <c>(3, 32, 32)</c> in [0, 1].</summary>
    internal Tensor Picture(double yaw, double pitch)
    {
        var turn = Turn(yaw, pitch);
        var back = Matrix4x4.Transpose(turn);
        var inverse = Vector3.One / (radii * radii);
        // Along z through the object: q = b + z c, and q's squared radii sum up to 1.
        var c = Vector3.TransformNormal(Vector3.UnitZ, back);
        float a = Vector3.Dot(c * c, inverse);
        var planes = new float[3 * Side * Side];
        for (int row = 0; row < Side; row++)
        {
            for (int column = 0; column < Side; column++)
            {
                float x = (((2 * column) + 1f) / Side) - 1, y = (((2 * row) + 1f) / Side) - 1;
                var b = Vector3.TransformNormal(new Vector3(x, y, 0), back);
                float half = Vector3.Dot(b * c, inverse), rest = Vector3.Dot(b * b, inverse) - 1, root = (half * half) - (a * rest);
                for (int channel = 0; channel < 3; channel++)
                {
                    planes[(channel * Side * Side) + (row * Side) + column] =
                        root < 0 ? background[channel] : Colour(b + (c * ((MathF.Sqrt(root) - half) / a)), channel);
                }
            }
        }

        return Tensor.From(planes, [3, Side, Side]);
    }

    /// <summary>The landmarks of the head turned, x, y and z from -1 to 1: <c>(8, 3)</c>.</summary>
    internal float[] Keypoints(double yaw, double pitch)
    {
        var turn = Turn(yaw, pitch);
        return
        [
            .. Enumerable.Range(0, Landmarks).SelectMany(k =>
            {
                var corner = Vector3.Normalize(new Vector3((k & 1) == 0 ? -1 : 1, (k & 2) == 0 ? -1 : 1, (k & 4) == 0 ? -1 : 1)) * radii;
                var seen = Vector3.TransformNormal(corner, turn);
                return new[] { seen.X, seen.Y, seen.Z };
            }),
        ];
    }

    private float Colour(Vector3 point, int channel)
    {
        float sum = 0;
        for (int k = 0; k < Waves; k++)
        {
            var (direction, phase) = waves[(channel * Waves) + k];
            sum += MathF.Sin(Vector3.Dot(direction, point) + phase);
        }

        return Math.Clamp(0.5f + (0.45f * sum / Waves * 1.5f), 0, 1);    // waves may add up to more than a picture holds
    }

    private static Matrix4x4 Turn(double yaw, double pitch) =>
        Matrix4x4.CreateRotationY((float)(yaw * Math.PI / 180)) * Matrix4x4.CreateRotationX((float)(pitch * Math.PI / 180));

    private static float Between(Random random, double low, double high) => (float)(low + ((high - low) * random.NextDouble()));
}
