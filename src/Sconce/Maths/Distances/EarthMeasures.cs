using System.Runtime.CompilerServices;

namespace Sconce.Maths.Distances;

/// <summary>Along the surface of a sphere, rows of latitude and longitude in degrees.</summary>
/// <param name="radius">Of the sphere; the distance is in its unit.</param>
public sealed class Haversine(double radius = Haversine.EarthKilometres) : Measure
{
    /// <summary>The earth's mean radius (IUGG), in kilometres.</summary>
    public const double EarthKilometres = 6371.0088;

    /// <inheritdoc/>
    public override string Name => "haversine";

    /// <inheritdoc/>
    public override string Formula =>
        "2 r asin sqrt(sin^2(dlat/2) + cos lat1 cos lat2 sin^2(dlon/2)), latitude before longitude, in degrees";

    /// <inheritdoc/>
    public override string Range => "[0, pi r], kilometres on the earth";

    /// <inheritdoc/>
    public override string Misleads => "the earth is no sphere: up to 0.5 % off";

    /// <inheritdoc/>
    public override int Columns => 2;

    /// <inheritdoc/>
    public override int PreparedWidth(int width) => 3;

    /// <inheritdoc/>
    public override void Prepare(ReadOnlySpan<double> row, Span<double> prepared)
    {
        Verify(row);
        var (north, up) = Math.SinCos(double.DegreesToRadians(row[0]));
        var (east, front) = Math.SinCos(double.DegreesToRadians(row[1]));
        (prepared[0], prepared[1], prepared[2]) = (up * front, up * east, north);
    }

    /// <inheritdoc/>
    public override void Prepared(ReadOnlySpan<double> own, ReadOnlySpan<double> others, Span<double> distances) =>
        PreparedByRanks(own, others, distances);

    /// <summary>Squared chords of the unit sphere, four times what stands under the formula's root: no sine a pair.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override void Ranks(ReadOnlySpan<double> own, ReadOnlySpan<double> others, Span<double> ranks)
    {
        double x = own[0], y = own[1], z = own[2];
        for (int k = 0; k < ranks.Length; k++)
        {
            var other = others.Slice(3 * k, 3);
            double dx = x - other[0], dy = y - other[1], dz = z - other[2];
            ranks[k] = (dx * dx) + (dy * dy) + (dz * dz);
        }
    }

    internal override double OfRank(double rank) => 2 * radius * Math.Asin(Math.Sqrt(Math.Clamp(rank / 4, 0, 1)));

    /// <summary>Refuses what is no place on the earth.</summary>
    internal static void Verify(ReadOnlySpan<double> row)
    {
        if (!(Math.Abs(row[0]) <= 90))
            throw new DistanceException($"a latitude of {row[0]:R}: it lies in [-90, 90], and comes before the longitude");
        if (!(Math.Abs(row[1]) <= 360))
            throw new DistanceException($"a longitude of {row[1]:R}: it lies in [-180, 180], or in [0, 360]");
    }
}

/// <summary>
/// Along the surface of the earth's ellipsoid (WGS 84), in kilometres: Vincenty's inverse formula (Survey Review 23, 1975).
/// </summary>
public sealed class Geodesic : Measure
{
    private const double Major = 6378.137, Flattening = 1 / 298.257223563, Minor = Major * (1 - Flattening);
    private const int MostSteps = 200;

    /// <inheritdoc/>
    public override string Name => "geodesic";

    /// <inheritdoc/>
    public override string Formula => "Vincenty's inverse on WGS 84, latitude before longitude, in degrees";

    /// <inheritdoc/>
    public override string Range => "[0, 20004] kilometres";

    /// <inheritdoc/>
    public override string Misleads => "it does not settle for nearly opposite places: these are measured on the sphere";

    /// <inheritdoc/>
    public override int Columns => 2;

    /// <inheritdoc/>
    public override void Prepare(ReadOnlySpan<double> row, Span<double> prepared)
    {
        Haversine.Verify(row);
        row.CopyTo(prepared);
    }

    /// <inheritdoc/>
    public override void Prepared(ReadOnlySpan<double> own, ReadOnlySpan<double> others, Span<double> distances)
    {
        for (int k = 0; k < distances.Length; k++) distances[k] = Between(own[0], own[1], others[2 * k], others[(2 * k) + 1]);
    }

    private static double Between(double latitude1, double longitude1, double latitude2, double longitude2)
    {
        double u1 = Math.Atan((1 - Flattening) * Math.Tan(double.DegreesToRadians(latitude1)));
        double u2 = Math.Atan((1 - Flattening) * Math.Tan(double.DegreesToRadians(latitude2)));
        double length = Math.IEEERemainder(double.DegreesToRadians(longitude2 - longitude1), 2 * Math.PI), lambda = length;
        var ((sin1, cos1), (sin2, cos2)) = (Math.SinCos(u1), Math.SinCos(u2));
        for (int step = 0; step < MostSteps; step++)
        {
            var (sinLambda, cosLambda) = Math.SinCos(lambda);
            double sinSigma = double.Hypot(cos2 * sinLambda, (cos1 * sin2) - (sin1 * cos2 * cosLambda));
            if (sinSigma == 0) return 0;
            double cosSigma = (sin1 * sin2) + (cos1 * cos2 * cosLambda), sigma = Math.Atan2(sinSigma, cosSigma);
            double sinAlpha = cos1 * cos2 * sinLambda / sinSigma, cos2Alpha = 1 - (sinAlpha * sinAlpha);
            double cosMiddle = cos2Alpha > 0 ? cosSigma - (2 * sin1 * sin2 / cos2Alpha) : 0;
            double c = Flattening / 16 * cos2Alpha * (4 + (Flattening * (4 - (3 * cos2Alpha))));
            double inner = cosMiddle + (c * cosSigma * ((2 * cosMiddle * cosMiddle) - 1));
            double next = length + ((1 - c) * Flattening * sinAlpha * (sigma + (c * sinSigma * inner)));
            bool settled = Math.Abs(next - lambda) < 1e-12;
            lambda = next;
            if (settled) return Length(cos2Alpha, cosMiddle, sigma, sinSigma, cosSigma);
        }

        return new Haversine().Between([latitude1, longitude1], [latitude2, longitude2]);
    }

    private static double Length(double cos2Alpha, double cosMiddle, double sigma, double sinSigma, double cosSigma)
    {
        double u = cos2Alpha * ((Major * Major) - (Minor * Minor)) / (Minor * Minor);
        double a = 1 + (u / 16384 * (4096 + (u * (-768 + (u * (320 - (175 * u)))))));
        double b = u / 1024 * (256 + (u * (-128 + (u * (74 - (47 * u))))));
        double middle = 2 * cosMiddle * cosMiddle;
        double last = b / 6 * cosMiddle * ((4 * sinSigma * sinSigma) - 3) * ((2 * middle) - 3);
        return Minor * a * (sigma - (b * sinSigma * (cosMiddle + (b / 4 * ((cosSigma * (middle - 1)) - last)))));
    }
}
