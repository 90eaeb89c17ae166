//! India, Japan and Australia. Names are in Latin letters, as in English profiles.

use super::{CountryText, city};

pub(super) static INDIA: CountryText = CountryText {
    name: "India",
    share: 4,
    first_names: "Aarav, Saanvi, Vihaan, Ananya, Aditya, Diya, Arjun, Aadhya, Sai, Pari, Reyansh, \
        Anika, Krishna, Navya, Ishaan, Myra, Rahul, Priya, Amit, Neha, Rajesh, Pooja, Sanjay, \
        Sunita, Vijay, Kavita, Suresh, Lakshmi, Manoj, Deepa, Anil, Meera, Rohan, Shreya, Karthik, \
        Divya, Nikhil, Swati, Harpreet, Gurpreet, Imran, Ayesha, Siddharth, Nandini",
    last_names: "Sharma, Verma, Gupta, Singh, Kumar, Patel, Shah, Mehta, Joshi, Desai, Reddy, Rao, \
        Nair, Menon, Iyer, Iyengar, Pillai, Das, Sen, Ghosh, Banerjee, Mukherjee, Chatterjee, \
        Bose, Dutta, Roy, Kapoor, Khanna, Malhotra, Chopra, Bhatia, Sethi, Arora, Agarwal, Jain, \
        Goyal, Bansal, Mishra, Pandey, Tiwari, Dubey, Shukla, Yadav, Chauhan, Rathore, Patil, \
        Kulkarni, Deshpande, Jadhav, Naidu, Krishnan, Subramanian, Venkatesan, Rajan, Khan, Ansari, \
        Sheikh, Fernandes, D'Souza, Thomas, Kaur, Gill, Hegde, Shetty",
    legal_forms: "Pvt. Ltd., Pvt. Ltd., Pvt. Ltd., Ltd., LLP",
    domains: "in, in, co.in, com, com",
    trades: "Technologies, Infotech, Exports, Textiles, Pharma, Logistics, Consultancy, Industries, \
        Foods, Solar, Finance, Engineering",
    phones: "+9198########, +9199########, +9194########",
    cities: &[
        city("Bengaluru", "Karnataka", 12.9716, 77.5946, "5600##"),
        city("Mumbai", "Maharashtra", 19.076, 72.8777, "4000##"),
        city("New Delhi", "Delhi", 28.6139, 77.209, "1100##"),
        city("Hyderabad", "Telangana", 17.385, 78.4867, "5000##"),
        city("Pune", "Maharashtra", 18.5204, 73.8567, "4110##"),
        city("Chennai", "Tamil Nadu", 13.0827, 80.2707, "6000##"),
    ],
};

pub(super) static JAPAN: CountryText = CountryText {
    name: "Japan",
    share: 3,
    first_names: "Haruto, Yui, Sota, Aoi, Yuto, Hina, Riku, Sakura, Haruki, Rin, Minato, Mei, Hinata, \
        Yuna, Kaito, Akari, Takashi, Keiko, Hiroshi, Yoko, Kenji, Tomoko, Satoshi, Yumi, Kazuo, \
        Naomi, Makoto, Kumiko, Daisuke, Ayumi, Shinji, Mayumi, Naoki, Emi, Tetsuya, Megumi, Ryo, \
        Haruka, Kenta, Misaki, Shota, Nanami, Jun, Chiyo",
    last_names: "Sato, Suzuki, Takahashi, Tanaka, Watanabe, Ito, Yamamoto, Nakamura, Kobayashi, Kato, \
        Yoshida, Yamada, Sasaki, Yamaguchi, Matsumoto, Inoue, Kimura, Hayashi, Shimizu, Yamazaki, \
        Mori, Abe, Ikeda, Hashimoto, Yamashita, Ishikawa, Nakajima, Maeda, Fujita, Ogawa, Goto, \
        Okada, Hasegawa, Murakami, Kondo, Ishii, Saito, Sakamoto, Endo, Aoki, Fujii, Nishimura, \
        Fukuda, Ota, Miura, Fujiwara, Okamoto, Matsuda, Nakagawa, Nakano, Harada, Ono, Tamura, \
        Takeuchi, Kaneko, Wada, Nakayama, Ishida, Ueda, Morita, Hara, Shibata",
    legal_forms: "K.K., K.K., Co. Ltd., Co. Ltd., G.K.",
    domains: "co.jp, co.jp, co.jp, jp, com",
    trades: "Denki, Seisakusho, Shoji, Kogyo, Systems, Foods, Logistics, Kensetsu, Seiyaku, Optics, \
        Robotics, Trading",
    phones: "+8190N#######, +8180N#######, +8170N#######",
    cities: &[
        city("Tokyo", "Tokyo", 35.6762, 139.6503, "100-00##"),
        city("Osaka", "Osaka", 34.6937, 135.5023, "530-00##"),
        city("Nagoya", "Aichi", 35.1815, 136.9066, "450-00##"),
        city("Fukuoka", "Fukuoka", 33.5904, 130.4017, "810-00##"),
        city("Sapporo", "Hokkaido", 43.0618, 141.3545, "060-00##"),
        city("Kyoto", "Kyoto", 35.0116, 135.7681, "600-80##"),
    ],
};

pub(super) static AUSTRALIA: CountryText = CountryText {
    name: "Australia",
    share: 2,
    first_names: "Jack, Charlotte, Noah, Olivia, William, Mia, Lachlan, Isla, Cooper, Ruby, Archie, \
        Matilda, Angus, Willow, Hamish, Zoe, Bailey, Sienna, Mitchell, Tahlia, Darcy, Georgia, \
        Brett, Kylie, Shane, Narelle, Craig, Leanne, Damien, Sheree, Wayne, Bronwyn, Glenn, Tracey, \
        Dean, Kerry, Ashton, Indigo, Minh, Linh, Arjun, Amira, Kurt, Marlee",
    last_names: "Smith, Jones, Williams, Brown, Wilson, Taylor, Johnson, White, Martin, Anderson, \
        Thompson, Nguyen, Thomas, Walker, Harris, Lee, Ryan, Robinson, Kelly, King, Davis, Wright, \
        Evans, Roberts, Green, Hall, Wood, Jackson, Clarke, Campbell, McDonald, Murphy, O'Brien, \
        Fitzgerald, Doyle, Byrne, Gallagher, Kennedy, Sullivan, Burns, Papadopoulos, Nikolaidis, \
        Rossi, Russo, Tran, Pham, Le, Chen, Wang, Li, Zhang, Singh, Kaur, Patel, Schulz, Lange, \
        Hoskins, Barclay, Drummond, Winton, Carey, Malouf",
    legal_forms: "Pty Ltd, Pty Ltd, Pty Ltd, Ltd",
    domains: "com.au, com.au, com.au, au, com",
    trades: "Mining, Pastoral, Logistics, Software, Wines, Solar, Engineering, Freight, Health, \
        Property, Foods, Marine",
    phones: "+6140#######, +6141#######, +6142#######",
    cities: &[
        city("Sydney", "New South Wales", -33.8688, 151.2093, "200#"),
        city("Melbourne", "Victoria", -37.8136, 144.9631, "300#"),
        city("Brisbane", "Queensland", -27.4698, 153.0251, "400#"),
        city("Perth", "Western Australia", -31.9523, 115.8613, "600#"),
        city("Adelaide", "South Australia", -34.9285, 138.6007, "500#"),
        city("Hobart", "Tasmania", -42.8821, 147.3272, "700#"),
    ],
};
