namespace Sconce.Systems.Control.Loon;

/// <summary>Where the sun is and what it gives; env/balloon/solar.py, NOAA's solar calculator.</summary>
public static class Sun
{
    /// <summary>Below it nothing reaches a balloon: the horizon from up there, in degrees.</summary>
    public const double LeastElevation = -4.242;

    private const double Panel = 210, Shaded = 0.4392, BalloonRadius = 8.69275, BalloonHeight = 10.41603;
    private static readonly double UpperShade = ShadeElevation(3.3), LowerShade = ShadeElevation(2.7);

    /// <summary>What of the sun's way changes slowly: good for some minutes.</summary>
    /// <param name="Declination">Sine and cosine.</param>
    /// <param name="EquationOfTime">In minutes.</param>
    /// <param name="Flux">W/m².</param>
    internal readonly record struct Season((double Sin, double Cos) Declination, double EquationOfTime, double Flux);

    /// <summary>The season at a time.</summary>
    internal static Season SeasonAt(DateTime time)
    {
        double century = (time.Subtract(new DateTime(2000, 1, 1, 12, 0, 0, DateTimeKind.Utc)).TotalDays) / 36525;
        double longitude = Radians(280.46646 + (century * (36000.76983 + (century * 0.0003032))));
        double anomaly = Radians(357.52911 + (century * (35999.05029 - (0.0001537 * century))));
        double obliquity = Radians(23 + ((26 + ((21.448 - (century * (46.815 + (century * (0.00059 - (century * 0.001813)))))) / 60)) / 60))
            + Radians(0.00256 * Math.Cos(Radians(125.04 - (1934.136 * century))));
        double y = Math.Pow(Math.Tan(obliquity / 2), 2), eccentricity = 0.016708634 - (century * (0.000042037 + (0.0000001267 * century)));
        double sin = Math.Sin(anomaly), sin2 = Math.Sin(2 * anomaly);
        double equation = 4 * ((y * Math.Sin(2 * longitude)) - (2 * eccentricity * sin)
            + (4 * eccentricity * y * sin * Math.Cos(2 * longitude))
            // radians times 4: minutes of time once in degrees
            - (0.5 * y * y * Math.Sin(4 * longitude)) - (1.25 * eccentricity * eccentricity * sin2));
        double centre = Radians((sin * (1.914602 - (century * (0.004817 + (0.000014 * century)))))
            + (sin2 * (0.019993 - (0.000101 * century))) + (Math.Sin(3 * anomaly) * 0.000289));
        double apparent = longitude + centre - Radians(0.00569 + (0.00478 * Math.Sin(Radians(125.04 - (1934.136 * century)))));
        double declination = Math.Asin(Math.Sin(obliquity) * Math.Sin(apparent));
        double ratio = (1 + eccentricity) / (1 - eccentricity);
        double flux = 1366 * (1 + (0.5 * ((ratio * ratio) - 1) * Math.Cos(anomaly)));
        return new Season(Math.SinCos(declination), equation * 180 / Math.PI, flux);
    }

    /// <summary>The sun's elevation in degrees, refraction included, and its flux in W/m².</summary>
    /// <param name="latitude">Degrees.</param>
    /// <param name="longitude">Degrees, east positive.</param>
    /// <param name="time">UTC.</param>
    public static (double Elevation, double Flux) At(double latitude, double longitude, DateTime time)
    {
        var season = SeasonAt(time);
        return (Elevation(season, latitude, longitude, time.TimeOfDay.TotalDays), season.Flux);
    }

    internal static double Elevation(in Season season, double latitude, double longitude, double day)
    {
        double hour = Radians(((1440 * day) + season.EquationOfTime + (4 * longitude)) / 4 - 180);
        var (sin, cos) = Math.SinCos(Radians(latitude));
        double height = 90 - (Math.Acos(
            Math.Clamp((sin * season.Declination.Sin) + (cos * season.Declination.Cos * Math.Cos(hour)), -1, 1)) * 180 / Math.PI);
        return height + (Refraction(height) / 3600);
    }

    /// <summary>The share of sunlight that comes through the air, in [0, 1].</summary>
    /// <param name="elevation">Degrees, -90 to 90.</param>
    /// <param name="pressure">Pascals.</param>
    public static double Attenuation(double elevation, double pressure)
    {
        if (elevation < LeastElevation) return 0;
        double rise = 614 * Math.Sin(Radians(elevation)), mass = 0.34764 * (pressure / 101325) * (Math.Sqrt(1229 + (rise * rise)) - rise);
        return 0.5 * (Math.Exp(-0.65 * mass) + Math.Exp(-0.95 * mass));
    }

    /// <summary>Watts of the panels: four above and two below, in the balloon's shade when the sun is high.</summary>
    public static double Power(double elevation, double pressure) => PowerOf(elevation, Attenuation(elevation, pressure));

    internal static double PowerOf(double elevation, double attenuation) => attenuation == 0 ? 0 : Panel * attenuation *
        ((4 * Math.Cos(Radians(elevation - 35)) * (elevation >= UpperShade ? Shaded : 1))
            + (2 * Math.Cos(Radians(elevation - 65)) * (elevation >= LowerShade ? Shaded : 1)));

    /// <summary>The times of the last and the next sunrise and sunset, to a few seconds.</summary>
    internal static (DateTime Sunrise, DateTime Sunset) NextSunriseAndSunset(double latitude, double longitude, DateTime time) =>
        (NextCrossing(latitude, longitude, time, rising: true), NextCrossing(latitude, longitude, time, rising: false));

    private static DateTime NextCrossing(double latitude, double longitude, DateTime time, bool rising)
    {
        const int minutes = 30;
        double before = At(latitude, longitude, time).Elevation - LeastElevation;
        for (int part = 1; part <= 2 * 24 * 60 / minutes; part++)
        {
            var now = time.AddMinutes(part * minutes);
            double height = At(latitude, longitude, now).Elevation - LeastElevation;
            if (rising ? before < 0 && height >= 0 : before >= 0 && height < 0)
            {
                DateTime early = now.AddMinutes(-minutes), late = now;
                while ((late - early).TotalSeconds > 2)
                {
                    var middle = early + ((late - early) / 2);
                    if (At(latitude, longitude, middle).Elevation - LeastElevation >= 0 == rising) late = middle;
                    else early = middle;
                }

                return late;
            }

            before = height;
        }

        throw new InvalidOperationException(
            $"at a latitude of {latitude:0.0} the sun neither rises nor sets: balloons are simulated below 60 degrees");
    }

    private static double Refraction(double height)
    {
        if (height > 85) return 0;
        if (height > 5)
        {
            double slope = Math.Tan(Radians(height)), cube = slope * slope * slope;
            return (58.1 / slope) - (0.07 / cube) + (0.000086 / (cube * slope * slope));
        }

        return height > -0.575
            ? 1735 + (height * (-518.2 + (height * (103.4 + (height * (-12.79 + (height * 0.711)))))))
            : -20.772 / Math.Tan(Radians(height));
    }

    private static double ShadeElevation(double below) =>
        Math.Atan2(Math.Sqrt(below * (BalloonHeight + below)), BalloonRadius) * 180 / Math.PI;

    private static double Radians(double degrees) => degrees * (Math.PI / 180);
}
